import { PathExt } from '@jupyterlab/coreutils';
import type { Contents, Kernel } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Suggestion } from '../view-model/mentions';
import { sourceOf } from './cell-source';
import type { NotebookCells } from './notebook-cells';

const KERNEL_MS = 800;
const FILES = 200;

/** Names and types of the variables of a Python kernel, found without a trace in its history. */
const VARIABLES = `__import__('json').dumps([[k, type(v).__name__] for k, v in list(globals().items()) if not k.startswith('_') and k not in ('In', 'Out', 'exit', 'quit', 'open', 'get_ipython') and type(v).__name__ not in ('module', 'function', 'type')][:200])`;

/** What can be mentioned: people, cells of the notebook, variables of its kernel, files beside it. */
export async function mentions(
  cells: NotebookCells,
  contents: Contents.IManager,
  people: readonly { readonly name: string }[] = []
): Promise<Suggestion[]> {
  const kernel = cells.panel.sessionContext.session?.kernel ?? null;
  const folder = PathExt.dirname(cells.panel.context.path);
  const [variables, files] = await Promise.all([
    kernel === null ? [] : variablesOf(kernel).catch(() => []),
    filesIn(folder, contents).catch(() => [])
  ]);
  const colleagues = people.map(({ name }): Suggestion => {
    return { kind: 'person', label: name, detail: '', text: `@${name}` };
  });
  return [...colleagues, ...cellsOf(cells), ...variables, ...files];
}

function cellsOf(cells: NotebookCells): Suggestion[] {
  return [...cells.models()].map((model, index) => {
    const label = `cell ${index + 1}`;
    const source = sourceOf(model);
    const detail = source.trimStart().split('\n', 1)[0] ?? '';
    return {
      kind: 'cell',
      label,
      detail,
      attachment: { kind: 'cell', cellId: model.id, label, source }
    };
  });
}

async function variablesOf(kernel: Kernel.IKernelConnection): Promise<Suggestion[]> {
  const info = await kernel.info;
  if (info.language_info.name !== 'python' || kernel.status === 'busy') {
    return [];
  }
  const found = await withTimeout(evaluate(kernel, VARIABLES), KERNEL_MS);
  return found.map(([name, type]) => ({
    kind: 'variable',
    label: name,
    detail: type,
    attachment: { kind: 'variable', label: name }
  }));
}

/** The value of a Python expression that makes JSON. */
async function evaluate(
  kernel: Kernel.IKernelConnection,
  expression: string
): Promise<[string, string][]> {
  const future = kernel.requestExecute({
    code: '',
    silent: true,
    store_history: false,
    user_expressions: { value: expression }
  });
  const { content } = await future.done;
  const value = content.status === 'ok' ? content.user_expressions.value : undefined;
  const data = (value as { data?: Record<string, string> } | undefined)?.data;
  const quoted = data?.['text/plain'];
  // The kernel answers with Python's way of writing a string; JSON holds no single quotes of its own here.
  return quoted
    ? (JSON.parse(quoted.slice(1, -1).replace(/\\(['\\])/g, '$1')) as [string, string][])
    : [];
}

async function filesIn(folder: string, contents: Contents.IManager): Promise<Suggestion[]> {
  const listing = await contents.get(folder, { content: true });
  const entries = listing.content as Contents.IModel[];
  return entries
    .filter(entry => entry.type === 'file')
    .slice(0, FILES)
    .map(entry => ({
      kind: 'file',
      label: entry.name,
      detail: '',
      attachment: { kind: 'file', label: entry.name }
    }));
}

function withTimeout<T>(promise: Promise<T>, ms: number): Promise<T> {
  return Promise.race([
    promise,
    new Promise<never>((_, reject) => setTimeout(() => reject(new Error('too late')), ms))
  ]);
}

/** What `/` offers: ready-made requests. */
export function slashCommands(trans: TranslationBundle): Suggestion[] {
  const command = (label: string, detail: string, text: string): Suggestion => ({
    kind: 'command',
    label,
    detail,
    text
  });
  return [
    command('/explain', trans.__('Explain the active cell'), trans.__('Explain the active cell.')),
    command(
      '/fix',
      trans.__('Fix the error of the active cell'),
      trans.__('Fix the error of the active cell.')
    ),
    command('/plot', trans.__('Plot something'), trans.__('Plot')),
    command(
      '/tidy',
      trans.__('Tidy the active cell'),
      trans.__('Tidy the active cell without changing what it does.')
    ),
    command(
      '/summarise',
      trans.__('Summarise the notebook'),
      trans.__('Summarise what this notebook does and finds.')
    )
  ];
}
