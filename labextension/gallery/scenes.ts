import type { InboxItem } from '../src/view-model/told/inbox';
import { PLAIN_POLICY } from '../src/core/state';
import type { CopilotView } from '../src/view-model/copilot-view';
import type { CellDiff, Open } from '../src/protocol';
import { ALICE, at, BOB, chosen, NOW, participant, Scene, view } from './fixtures';

export const ELSEWHERE: InboxItem[] = [
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

export const EDIT: CellDiff = {
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

export const QUESTION = 'The histogram in cell 4 fails. Can you fix it and split it by species?';

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

export const OVER = { status: 'finished', outcome: 'success' } as const;

export function begun(): Scene {
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

export function asked(more: Partial<Open> = {}): CopilotView {
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
export function askedTogether(): CopilotView {
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

export function decided(more: Partial<CopilotView> = {}): CopilotView {
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

export const FORM = {
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

export const LONG_FORM = {
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

export function question(schema: object, title = 'Missing values'): Scene {
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

export function denied(scene: Scene): Scene {
  return scene.call(
    'Delete cell 7',
    at(-2),
    { effect: 'edit', status: 'finished', denied: true, is_error: true },
    chosen(ALICE, 'deny', at(-1), { comment: 'still needed for the talk' })
  );
}

export const CELL7 = { kind: 'cell', cellId: 'cell7', label: 'cell 7', source: 'x = 1' } as const;

export const MARKDOWN = `Here is what I found in **cell 2**, in order:

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

export const ERROR_TEXT =
  '\u001b[0;31mKeyError\u001b[0m Traceback (most recent call last)\n\u001b[0;32m<ipython-input-4>\u001b[0m in <module>\n----> 2 df["flipper_length"].hist()\n\n\u001b[0;31mKeyError\u001b[0m: \'flipper_length\'';

export const LONG = 'A very long name that nobody should have but somebody always does';

export function inserted(after: string): CellDiff {
  return { ...EDIT, action: 'insert', label: 'new cell after cell 4', before: null, after };
}

export function proposal(
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
