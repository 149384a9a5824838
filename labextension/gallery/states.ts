import type { InboxItem } from '../src/view-model/told/inbox';
import type { CopilotView } from '../src/view-model/copilot-view';
import { ALICE, at, BOB, chosen, KERNEL, NOW, participant, Scene, view, YOU } from './fixtures';
import { HOSTILE } from './hostile';
import {
  asked,
  askedTogether,
  begun,
  CELL7,
  decided,
  denied,
  EDIT,
  ELSEWHERE,
  ERROR_TEXT,
  FORM,
  LONG,
  LONG_FORM,
  MARKDOWN,
  OVER,
  proposal,
  QUESTION,
  question
} from './scenes';

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
  { name: 'elsewhere', view: proposal('Run cell 4', []), elsewhere: ELSEWHERE.slice(0, 1) },
  {
    name: 'inbox',
    view: proposal('Run cell 4', []),
    elsewhere: ELSEWHERE,
    clicks: ['.jp-Copilot-elsewhere .jp-Copilot-link']
  },
  ...HOSTILE
];
