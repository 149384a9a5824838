import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { Contents } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import * as React from 'react';

import { attach } from './components/attachments';
import { Copilot, type CopilotActions } from './components/copilot';
import { NoNotebook } from './components/empty';
import { type Services, ServicesProvider } from './components/services';
import { droppedAttachment } from './dropped';
import { fittingExamples } from './examples';
import { copilotIcon } from './icons';
import { pageServices } from './page-services';
import type { OpenNotebook, Rooms } from './rooms';
import { mentions, slashCommands } from './suggestions';
import type { ICopilotPanel } from './tokens';
import { widen } from './widen';

export interface PanelOptions {
  rooms: Rooms;
  rendermime: IRenderMimeRegistry;
  languages: IEditorLanguageRegistry;
  contents: Contents.IManager;
  trans: TranslationBundle;
  copy: (text: string) => void;
  newNotebook?: () => void;
  connectModel: () => void;
  signIn: () => void;
  /** Whether the panel was given its first width in this browser before; asking makes it so. */
  wasWidened: () => boolean;
}

/** The sidebar: it follows the notebook that is current. */
export class CopilotPanel extends ReactWidget implements ICopilotPanel {
  static readonly ID = 'copilot-panel';

  constructor(private readonly options: PanelOptions) {
    super();
    const { rooms, trans } = options;
    this.id = CopilotPanel.ID;
    this.addClass('jp-Copilot-panel');
    this.title.icon = copilotIcon;
    this.title.caption = trans.__('Copilot');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Copilot'));
    rooms.currentChanged.connect(() => this.follow());
    rooms.observe(() => this.countWaiting());
    rooms.roomsChanged.connect(() => this.countWaiting());
    this.follow();
  }

  /** Told when the panel wants to be seen. */
  reveal: () => void = () => undefined;

  compose(): void {
    this.reveal();
    requestAnimationFrame(() => this.field.current?.focus());
  }

  review(confirmationId?: string): boolean {
    const room = this.notebook?.room;
    const open = room?.model.openConfirmations ?? [];
    const wanted = confirmationId ? open.find(c => c.confirmation_id === confirmationId) : open[0];
    if (room === undefined || wanted === undefined) {
      return false;
    }
    this.reveal();
    room.threadId = wanted.thread_id;
    setTimeout(() => {
      const selector = `[data-confirmation-id="${CSS.escape(wanted.confirmation_id)}"]`;
      const card = this.node.querySelector<HTMLElement>(selector);
      card?.scrollIntoView({ block: 'center' });
      card?.focus({ preventScroll: true });
    }, 50);
    return true;
  }

  protected render(): JSX.Element {
    const { notebook, options } = this;
    if (notebook === null || this.services === null || this.actions === null) {
      return (
        <ServicesProvider value={this.bareServices}>
          <section className="jp-Copilot">
            <NoNotebook onOpen={options.newNotebook} />
          </section>
        </ServicesProvider>
      );
    }
    return (
      <ServicesProvider value={this.services}>
        <Shown
          key={notebook.room.model.clientId}
          notebook={notebook}
          actions={this.actions}
          trans={options.trans}
          field={this.field}
        />
      </ServicesProvider>
    );
  }

  protected override onAfterShow(msg: Message): void {
    super.onAfterShow(msg);
    if (!this.options.wasWidened()) {
      requestAnimationFrame(() => widen(this));
    }
    this.update();
  }

  private follow(): void {
    const notebook = this.options.rooms.currentNotebook;
    if (notebook !== this.notebook) {
      this.notebook = notebook;
      this.services = notebook && this.servicesFor(notebook);
      this.actions = notebook && actionsFor(notebook, this.options);
      this.update();
    }
    this.countWaiting();
  }

  /** Show on the icon how many confirmations wait, in any open notebook. */
  private countWaiting(): void {
    let count = 0;
    for (const { room } of this.options.rooms.open) {
      count += room.model.openConfirmations.length;
    }
    if (count !== this.waiting) {
      this.waiting = count;
      const { title } = this;
      const { trans } = this.options;
      title.dataset = count > 0 ? { 'copilot-waiting': String(count) } : {};
      title.className = count > 0 ? 'jp-Copilot-tab jp-mod-waiting' : 'jp-Copilot-tab';
      title.caption =
        count > 0
          ? trans._n('Copilot: %1 decision is wanted', 'Copilot: %1 decisions are wanted', count)
          : trans.__('Copilot');
    }
  }

  private servicesFor({ cells, room }: OpenNotebook): Services {
    return pageServices({
      ...this.options,
      now: () => room.model.now(),
      cells: {
        cellNumber: id => cells.number(id),
        goToCell: target => void cells.go(target),
        insertCode: code => cells.insert(code),
        replaceCode: code => cells.replace(code)
      }
    });
  }

  private get bareServices(): Services {
    return pageServices({
      ...this.options,
      now: () => Date.now(),
      cells: { cellNumber: () => null, goToCell: () => undefined }
    });
  }

  private notebook: OpenNotebook | null = null;
  private services: Services | null = null;
  private actions: CopilotActions | null = null;
  private waiting = -1;
  private readonly field = React.createRef<HTMLTextAreaElement>();
}

interface ShownProps {
  notebook: OpenNotebook;
  actions: CopilotActions;
  trans: TranslationBundle;
  field: React.RefObject<HTMLTextAreaElement>;
}

/** The room, drawn again with each change of it. */
function Shown({ notebook, actions, trans, field }: ShownProps): JSX.Element {
  const { room, cells } = notebook;
  const [, redraw] = React.useReducer((n: number) => n + 1, 0);
  React.useEffect(() => {
    const slot = () => redraw();
    room.changed.connect(slot);
    redraw();
    return () => {
      room.changed.disconnect(slot);
    };
  }, [room]);
  const { state } = room.model;
  const isEmpty = state?.threads[room.threadId]?.items.length === 0;
  const examples = isEmpty ? fittingExamples(cells.models(), trans) : [];
  return <Copilot view={room.view(examples)} actions={actions} field={field} />;
}

/** What a person can do in the panel, for one notebook. The same object as long as the notebook is followed. */
function actionsFor(notebook: OpenNotebook, options: PanelOptions): CopilotActions {
  const { room, cells } = notebook;
  const { model } = room;
  const { trans, contents } = options;
  return {
    onPick: threadId => (room.threadId = threadId),
    onCreate: () => room.newThread(trans.__('New conversation')),
    onRename: (thread_id, title) => room.act({ type: 'rename_thread', thread_id, title }),
    onArchive: threadId => room.archive(threadId),
    onDecide: (id, decision) => room.decide(id, decision),
    onReview: reviewing => model.setPresence({ reviewing }),
    onWithdraw: run_id => room.act({ type: 'cancel_run', run_id }),
    onRetry: run_id => room.act({ type: 'retry_run', run_id, model: room.chosenModel }),
    onContinue: () => room.post(trans.__('Please continue.'), {}),
    onDiscard: commandId => room.discard(commandId),
    onReconnect: () => model.connect(),
    onSignIn: options.signIn,
    onDraft: draft => (room.draft = draft),
    onSend: draft => room.send(draft, cells.activeId),
    onStop: run_id => room.act({ type: 'cancel_run', run_id }),
    onTyping: typing => model.setTyping(room.threadId, typing),
    onMode: mode => room.act({ type: 'set_mode', thread_id: room.threadId, mode }),
    onModel: name => (room.chosenModel = name),
    onConnectModel: options.connectModel,
    suggest: mark =>
      mark === '/' ? Promise.resolve(slashCommands(trans)) : mentions(cells, contents),
    onAttach: () => {
      const added = cells.attachment();
      if (added) {
        room.draft = { ...room.draft, attachments: attach(room.draft.attachments, added) };
      }
    },
    onDropped: event => {
      const added = droppedAttachment(event, cells);
      if (added) {
        room.draft = { ...room.draft, attachments: attach(room.draft.attachments, added) };
      }
      return added !== null;
    }
  };
}
