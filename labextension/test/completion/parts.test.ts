import type { IInlineCompleterFactory, InlineCompleter } from '@jupyterlab/completer';
import type { Kernel } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';
import { describe, expect, test, vi } from 'vitest';

import { firstWord, InlineCompleters } from '../../src/completion/accept-word';
import { KernelNames } from '../../src/completion/kernel-names';
import { placeOf } from '../../src/completion/place';
import { Typing } from '../../src/completion/typing';
import { askAt, type Line } from '../../src/completion/wire';
import { ServerConnection } from '@jupyterlab/services';
import { Page } from '../fakes/page';
import { FakeEditor } from './fake-editor';

test('a cell is told with the cells around it, text in comments, other languages left out', async () => {
  const page = new Page();
  const tab = await page.open('a.ipynb', ['import os', '%%bash\nls', 'x = ', '%%time\ny = 1']);
  tab.model.sharedModel.insertCell(1, { cell_type: 'markdown', source: '# Title\ntext' });
  tab.content.activeCellIndex = 3;
  const editor = new FakeEditor('x = ').editor;
  vi.spyOn(tab.content, 'activeCell', 'get').mockReturnValue({ editor } as never);
  const request = { text: 'x = ', offset: 4, mimeType: 'text/x-ipython' };
  const place = placeOf(request, { widget: tab.panel, triggerKind: 1 })!;
  expect(place.above).toEqual(['import os', '# # Title\n# text']);
  expect(place.below).toEqual(['%%time\ny = 1']);
  expect(place.language).toBe('python');
});

test('a console is told with what ran before', () => {
  const cell = (type: string, source: string) => ({
    editor: null,
    model: { type, sharedModel: { getSource: () => source } }
  });
  const { editor } = new FakeEditor('x');
  const console = { promptCell: { editor }, cells: [cell('code', 'a = 1'), cell('raw', 'b')] };
  const widget = { id: 'c', console } as never;
  const request = { text: 'x', offset: 1, mimeType: 'text/x-rsrc' };
  const place = placeOf(request, { widget, triggerKind: 1 })!;
  expect([place.above, place.language]).toEqual([['a = 1'], 'r']);
});

describe('typing', () => {
  const press = (where: Node, key: string, more = {}) =>
    where.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, ...more }));

  function here() {
    let now = 0;
    const { host, editor } = new FakeEditor('');
    document.body.append(host);
    const typing = new Typing(document, () => now);
    return { host, is: () => typing.isIn(editor), wait: (ms: number) => (now += ms) };
  }

  test('is a key that writes in this editor, for a moment', () => {
    const { host, is, wait } = here();
    expect(is()).toBe(false);
    press(host, 'a');
    expect(is()).toBe(true);
    wait(4000);
    expect(is()).toBe(false);
    press(document.body, 'a');
    expect(is()).toBe(false);
  });

  test.each([
    ['Tab', {}],
    ['ArrowRight', { ctrlKey: true }],
    ['End', { altKey: true }],
    ['z', { ctrlKey: true }],
    ['v', { metaKey: true }]
  ])('ends with %s, which accepts, undoes or pastes', (key, more) => {
    const { host, is } = here();
    press(host, 'a');
    press(host, key, more);
    expect(is()).toBe(false);
  });

  test('goes on with AltGr, Enter and an input method', () => {
    const { host, is } = here();
    for (const [key, more] of [
      ['{', { ctrlKey: true, altKey: true }],
      ['Enter', {}],
      ['Process', {}]
    ] as const) {
      press(host, 'Tab');
      press(host, key, more);
      expect(is(), key).toBe(true);
    }
  });
});

describe('names of a kernel', () => {
  function kernel(text: string, language = 'python') {
    const asked = vi.fn(() => ({
      done: Promise.resolve({
        content: { user_expressions: { names: { data: { 'text/plain': text } } } }
      })
    }));
    const made = {
      status: 'idle',
      info: Promise.resolve({ language_info: { name: language } }),
      requestExecute: asked
    };
    const iopubMessage = new Signal<object, object>(made);
    const statusChanged = new Signal<object, string>(made);
    return {
      asked,
      iopubMessage,
      statusChanged,
      kernel: Object.assign(made, {
        iopubMessage,
        statusChanged
      }) as unknown as Kernel.IKernelConnection
    };
  }

  test('are asked for once, and again when something ran', async () => {
    const names = new KernelNames();
    const fake = kernel(`'{"df": "pandas.DataFrame", "\\\\u00e4": "int"}'`);
    expect(names.of(fake.kernel)).toEqual({});
    await vi.waitFor(() =>
      expect(names.of(fake.kernel)).toEqual({ df: 'pandas.DataFrame', ä: 'int' })
    );
    names.of(fake.kernel);
    fake.iopubMessage.emit({ header: { msg_type: 'status' } });
    names.of(fake.kernel);
    expect(fake.asked).toHaveBeenCalledOnce();
    expect(fake.asked.mock.calls[0]).toMatchObject([
      { code: '', silent: true, store_history: false }
    ]);
    fake.iopubMessage.emit({ header: { msg_type: 'execute_input' } });
    names.of(fake.kernel);
    await vi.waitFor(() => expect(fake.asked).toHaveBeenCalledTimes(2));
  });

  test('are not asked for in other languages or while it is busy, and gone after a restart', async () => {
    const names = new KernelNames();
    const r = kernel(`'{}'`, 'R');
    names.of(r.kernel);
    await r.kernel.info;
    await Promise.resolve();
    expect(r.asked).not.toHaveBeenCalled();
    const busy = kernel(`'{"x": "int"}'`);
    Object.assign(busy.kernel, { status: 'busy' });
    names.of(busy.kernel);
    expect(busy.asked).not.toHaveBeenCalled();
    Object.assign(busy.kernel, { status: 'idle' });
    await vi.waitFor(() => expect(names.of(busy.kernel)).toEqual({ x: 'int' }));
    busy.statusChanged.emit('restarting');
    Object.assign(busy.kernel, { status: 'restarting' });
    expect(names.of(busy.kernel)).toEqual({});
    expect(names.of(null)).toEqual({});
  });
});

describe('a word of the ghost', () => {
  test.each([
    ['head(5)', 'head'],
    ['(5)', '('],
    [' + größe_2 * y', ' +'],
    [' größe_2 * y', ' größe_2'],
    ['\n    return x', '\n    '],
    ['  ', '  ']
  ])('of %j is %j', (text, word) => expect(firstWord(text)).toBe(word));

  test('is written into the editor whose ghost is shown', () => {
    const host = document.createElement('div');
    const replaceSelection = vi.fn();
    const made = {
      current: { insertText: 'head()' },
      editor: { host, replaceSelection },
      disposed: new Signal({})
    };
    const factory: IInlineCompleterFactory = { factory: () => made as unknown as InlineCompleter };
    const completers = new InlineCompleters(factory);
    factory.factory({});
    expect(completers.acceptWord()).toBe(false);
    host.classList.add('jp-mod-inline-completer-active');
    expect(completers.acceptWord()).toBe(true);
    expect(replaceSelection).toHaveBeenCalledWith('head');
  });

  test('is taken by the keys that are bound to it, before the editor gets them', () => {
    const host = document.createElement('div');
    document.body.append(host);
    const made = { current: { insertText: 'head()' }, editor: { host }, disposed: new Signal({}) };
    const replaceSelection = vi.fn();
    Object.assign(made.editor, { replaceSelection });
    const factory: IInlineCompleterFactory = { factory: () => made as unknown as InlineCompleter };
    const completers = new InlineCompleters(factory);
    factory.factory({});
    const command = 'copilot:accept-word';
    completers.takeKeys({ keyBindings: [{ command, keys: ['Alt ArrowRight'] }] } as never);
    const inEditor = vi.fn();
    host.addEventListener('keydown', inEditor);
    const press = () =>
      host.dispatchEvent(
        new KeyboardEvent('keydown', {
          key: 'ArrowRight',
          keyCode: 39,
          altKey: true,
          bubbles: true,
          cancelable: true
        })
      );
    expect(press()).toBe(true);
    expect(inEditor).toHaveBeenCalledOnce();
    host.classList.add('jp-mod-inline-completer-active');
    expect(press()).toBe(false);
    expect(replaceSelection).toHaveBeenCalledWith('head');
    expect(inEditor).toHaveBeenCalledOnce();
  });
});

describe('the wire', () => {
  const asked = { code: {} as never, model: '', tab: '', again: false };

  async function linesFrom(response: Response): Promise<Line[]> {
    const settings = ServerConnection.makeSettings({
      baseUrl: 'http://here/',
      fetch: async () => response
    });
    const lines: Line[] = [];
    for await (const line of askAt(settings)(asked, new AbortController().signal)) {
      lines.push(line);
    }
    return lines;
  }

  test('lines are read however they are cut', async () => {
    const bytes = new TextEncoder().encode('{"type":"text","text":"ü"}\n{"type":"done"}\n');
    const body = new ReadableStream({
      start(controller) {
        bytes.forEach(byte => controller.enqueue(new Uint8Array([byte])));
        controller.close();
      }
    });
    expect(await linesFrom(new Response(body))).toEqual([
      { type: 'text', text: 'ü' },
      { type: 'done' }
    ]);
  });

  test('a refusal is told in the server’s words', async () => {
    const refused = new Response('{"message": "Too often.", "hint": "Wait."}', { status: 429 });
    expect(await linesFrom(refused)).toEqual([
      { type: 'problem', problem: { message: 'Too often.', hint: 'Wait.' } }
    ]);
  });
});
