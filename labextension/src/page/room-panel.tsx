import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { Contents } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { attach, type Attachment, contextOf } from '../view-model/attachments';
import { Copilot, type CopilotActions } from '../ui/shell/copilot';
import { type Services, ServicesProvider } from '../ui/shared/services';
import { droppedAttachment } from '../notebook/dropped';
import { fittingExamples } from '../notebook/examples';
import type { NotebookCells } from '../notebook/notebook-cells';
import { pageServices } from './page-services';
import type { RoomView } from '../model/room-view';
import { meantOf } from '../model/review-drafts';
import { mentions, slashCommands } from '../notebook/suggestions';
import { notebookUndoing } from './undoing';

/** What a panel needs of the page, whichever room it shows. */
export interface PageParts {
  rendermime: IRenderMimeRegistry;
  languages: IEditorLanguageRegistry;
  contents: Contents.IManager;
  trans: TranslationBundle;
  copy: (text: string) => void;
  connectModel: () => void;
  /** Puts the focus into the composer, where there is one. */
  compose?: () => void;
  connectAgent?: () => void;
  showServers?: () => void;
  signIn: () => void;
}

export interface RoomPanelProps {
  room: RoomView;
  cells: NotebookCells;
  page: PageParts;
  field?: React.RefObject<HTMLTextAreaElement>;
  /** Whether only what waits for a decision is shown. */
  compact?: boolean;
  /** Whether people can write here; by default they can. */
  composer?: boolean;
  /** Stands below the head. */
  children?: React.ReactNode;
  /** Whether anybody can see it; by default they can. */
  shown?: boolean;
}

const NO_EXAMPLES: string[] = [];

/** One room with everything that a person can see and do there, drawn again with each change of it while it is shown. */
export function RoomPanel(props: RoomPanelProps): JSX.Element {
  const { room, cells, page, field, compact, composer, shown = true } = props;
  const services = React.useMemo(() => servicesFor(room, cells, page), [room, cells, page]);
  const actions = React.useMemo(() => actionsFor(room, cells, page), [room, cells, page]);
  const [, redraw] = React.useReducer((n: number) => n + 1, 0);
  const isSeen = usePageSeen() && shown;
  // Before anything can be typed: what changes between drawing and listening would not be drawn.
  React.useLayoutEffect(() => {
    if (!isSeen) {
      return;
    }
    const slot = () => redraw();
    room.changed.connect(slot);
    redraw();
    return () => {
      room.changed.disconnect(slot);
    };
  }, [room, isSeen]);
  const drawn = React.useRef<JSX.Element | null>(null);
  if (isSeen || drawn.current === null) {
    const isEmpty = room.model.state?.threads[room.threadId]?.items.length === 0;
    const examples = isEmpty ? fittingExamples(cells.models(), page.trans) : NO_EXAMPLES;
    drawn.current = (
      <ServicesProvider value={services}>
        <Copilot
          view={room.view(examples)}
          actions={actions}
          field={field}
          compact={compact}
          composer={composer}
        >
          {props.children}
        </Copilot>
      </ServicesProvider>
    );
  }
  // The very same element is not drawn again.
  return drawn.current;
}

/** Whether the page can be seen; another tab of the browser may lie over it. */
function usePageSeen(): boolean {
  return React.useSyncExternalStore(
    onSeen => {
      document.addEventListener('visibilitychange', onSeen);
      return () => document.removeEventListener('visibilitychange', onSeen);
    },
    () => document.visibilityState !== 'hidden'
  );
}

/** What components that show a notebook's room have of the page. */
export function servicesFor(room: RoomView, cells: NotebookCells, page: PageParts): Services {
  return pageServices({
    ...page,
    now: () => room.model.now(),
    agentIcon: id => room.agentIcon(id),
    picture: digest => room.model.picture(digest),
    cells: {
      cellNumber: id => cells.number(id),
      cellName: id => cells.name(id),
      pointAtCell: target => cells.pointAt(target),
      watchCells: callback => cells.watch(callback),
      meantOf: call => meantWords(meantOf(room.review, call), page.trans),
      watchMeant: callback => {
        room.review.changed.connect(callback);
        return () => void room.review.changed.disconnect(callback);
      },
      goToCell: target => void cells.go(target),
      insertCode: code => cells.insert(code),
      insertText: text => cells.insertText(text),
      replaceCode: code => cells.replace(code),
      undoing: notebookUndoing(
        { panel: cells.panel, watch: callback => cells.watch(callback) },
        page.trans,
        command => room.act(command)
      )
    }
  });
}

function meantWords(
  { rejected, edited }: ReturnType<typeof meantOf>,
  trans: TranslationBundle
): string | null {
  const words = [
    ...(rejected > 0
      ? [
          trans._n(
            'without %1 change that you rejected',
            'without %1 changes that you rejected',
            rejected
          )
        ]
      : []),
    ...(edited > 0
      ? [trans._n('%1 change as you edited it', '%1 changes as you edited them', edited)]
      : [])
  ];
  return words.length === 0
    ? null
    : trans.__('As you meant it in the notebook: %1', words.join(', '));
}

/** What a person can do in the room; always the same object, so that what did not change is not drawn again. */
function actionsFor(room: RoomView, cells: NotebookCells, page: PageParts): CopilotActions {
  const { model } = room;
  const { trans, contents } = page;
  const addToDraft = (added: Attachment | null): boolean => {
    if (added !== null) {
      room.draft = { ...room.draft, attachments: attach(room.draft.attachments, added) };
    }
    return added !== null;
  };
  return {
    onPick: threadId => (room.threadId = threadId),
    onCreate: () => room.newThread(trans.__('New chat')),
    onRename: (thread_id, title) => room.act({ type: 'rename_thread', thread_id, title }),
    onArchive: threadId => room.archive(threadId),
    onDecide: (id, decision) => room.decide(id, decision),
    onDecideAll: (ids, option) => room.decideAll(ids, option),
    onReview: reviewing => model.setPresence({ reviewing }),
    onWithdraw: run_id => room.act({ type: 'cancel_run', run_id }),
    onRetry: run_id => room.act({ type: 'retry_run', run_id, model: room.chosenModel }),
    onRewind: (to, what) => {
      const whatGoesBack = { notebook: what !== 'chat', conversation: what !== 'notebook' };
      room.act({ type: 'rewind', message_id: model.newId(), to, ...whatGoesBack });
    },
    onEarlier: () => room.showEarlier(),
    onEdit: text => {
      room.draft = { text, attachments: [] };
      page.compose?.();
    },
    onQueue: draft => room.send(draft, cells.activeId, false),
    onContinue: () => room.post(trans.__('Please continue.'), {}),
    onDiscard: commandId => room.discard(commandId),
    onReconnect: () => model.connect(),
    onSignIn: page.signIn,
    onDraft: draft => (room.draft = draft),
    onSend: draft => room.send(draft, cells.activeId),
    onAsk: text => room.post(text, contextOf([], cells.activeId)),
    onStop: run_id => room.act({ type: 'cancel_run', run_id }),
    onTyping: typing => model.setTyping(room.threadId, typing),
    onMode: (mode, lasts) =>
      room.act({ type: 'set_mode', thread_id: room.threadId, mode, ...lasts }),
    onCommand: command => room.act(command),
    onModel: name => (room.chosenModel = name),
    onAgent: agentId => (room.chosenAgent = agentId),
    onConnectModel: page.connectModel,
    onConnectAgent: page.connectAgent,
    onToolServers: page.showServers,
    onDismiss: () => room.dismissNotice(),
    suggest: mark =>
      mark === '/' ? Promise.resolve(slashCommands(trans)) : mentions(cells, contents, room.people),
    onAttach: () => void addToDraft(cells.attachment()),
    onDropped: event => addToDraft(droppedAttachment(event, cells))
  };
}
