import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import * as React from 'react';

import { Begin, type KernelChoice } from '../ui/shell/begin';
import { type Services, ServicesProvider } from '../ui/shared/services';
import { acceptDrags } from '../notebook/dropped';
import { copilotIcon } from './icons';
import type { Providers } from '../model/providers';
import { pageServices } from './page-services';
import { type PageParts, RoomPanel } from './room-panel';
import { isOnlyText, type OpenNotebook, type Rooms } from '../model/rooms';
import type { ICopilotPanel } from '../tokens';
import type { ServerWish, ToolServer } from '../view-model/tool-servers';
import { elsewhere, type InboxItem } from '../view-model/told/inbox';
import { widen } from './widen';

export interface PanelOptions extends PageParts {
  rooms: Rooms;
  /** The kernels that a new notebook may have, the default first. */
  kernels: () => readonly KernelChoice[];
  /** Opens a new notebook and resolves once it is current. */
  newNotebook: (kernel: string) => Promise<void>;
  /** The providers of models that people set up. */
  providers: Providers;
  /** The servers of tools, after a wish was done if there is one. */
  toolServers: (wish?: ServerWish) => Promise<readonly ToolServer[]>;
  /** Whether the panel was given its first width in this browser before; asking makes it so. */
  wasWidened: () => boolean;
}

// Rarely needed, and made of the same parts.
const ModelsPage = React.lazy(
  () => import(/* webpackChunkName: "pages" */ '../ui/models/models-page')
);
const ServersPage = React.lazy(
  () => import(/* webpackChunkName: "pages" */ '../ui/servers/servers-page')
);
const WaitingElsewhere = React.lazy(() => import('../ui/inbox/waiting-elsewhere'));

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
    rooms.observe((_, change) => isOnlyText(change) || this.countWaiting());
    rooms.roomsChanged.connect(() => this.countWaiting());
    rooms.inbox.changed.connect(() => this.update());
    acceptDrags(
      this.node,
      () => this.notebook?.cells ?? null,
      added => this.notebook?.room.attach(added)
    );
    this.follow();
  }

  /** Told to open a notebook where something waits. */
  go: (item: InboxItem) => void = () => undefined;

  /** Told when the panel wants to be seen. */
  reveal: () => void = () => undefined;

  compose(): void {
    this.reveal();
    requestAnimationFrame(() => this.field.current?.focus());
  }

  /** Ask for a new notebook by what it is for. */
  beginAnew(): void {
    this.turnTo('begin');
    this.compose();
  }

  private async begin(wish: string, kernel: string): Promise<void> {
    const { options } = this;
    await options.newNotebook(kernel);
    const { currentNotebook } = options.rooms;
    if (wish !== '' && currentNotebook === null) {
      throw new Error(options.trans.__('The new notebook did not open.'));
    }
    if (wish !== '') {
      // It waits until the room is there.
      currentNotebook?.room.post(wish, {});
    }
    this.turnTo('chat');
  }

  /** Show the page on which models are set up, in place of the conversation. */
  showModels(): void {
    this.turnTo('models');
    this.reveal();
  }

  /** Show the page of the servers whose tools the copilot has, in place of the conversation. */
  showServers(): void {
    this.turnTo('servers');
    this.reveal();
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
    if (!this.wasShown) {
      return <></>; // nobody looked yet
    }
    if (this.page === 'models' || this.page === 'servers') {
      return (
        <ServicesProvider value={this.bareServices}>
          <React.Suspense fallback={<section className="jp-Copilot" aria-busy="true" />}>
            {this.page === 'models' ? this.modelsPage() : this.serversPage()}
          </React.Suspense>
        </ServicesProvider>
      );
    }
    if (notebook === null || this.page === 'begin') {
      return (
        <ServicesProvider value={this.bareServices}>
          <section className="jp-Copilot">
            <Begin
              kernels={options.kernels()}
              field={this.field}
              onBegin={(wish, kernel) => this.begin(wish, kernel)}
            />
          </section>
        </ServicesProvider>
      );
    }
    const { room, cells } = notebook;
    return (
      <RoomPanel
        key={room.model.clientId}
        room={room}
        cells={cells}
        page={options}
        field={this.field}
        shown={this.isVisible}
      >
        {this.waitingElsewhere(room.model.path)}
      </RoomPanel>
    );
  }

  private waitingElsewhere(path: string): JSX.Element | null {
    const { items } = this.options.rooms.inbox;
    const concerning = elsewhere(items, path);
    return concerning.length === 0 ? null : (
      <React.Suspense fallback={null}>
        <WaitingElsewhere concerning={concerning} all={items} onGo={item => this.go(item)} />
      </React.Suspense>
    );
  }

  private modelsPage(): JSX.Element {
    const { providers, rooms } = this.options;
    const changed = <T,>(found: T): T => {
      void rooms.models.refresh();
      return found;
    };
    return (
      <ModelsPage
        list={() => providers.list()}
        test={(form, model) => providers.test(form, model)}
        keep={form => providers.keep(form).then(changed)}
        remove={name => providers.remove(name).then(changed)}
        onClose={() => this.turnTo('chat')}
      />
    );
  }

  private serversPage(): JSX.Element {
    return <ServersPage ask={this.options.toolServers} onClose={() => this.turnTo('chat')} />;
  }

  private turnTo(page: typeof this.page): void {
    this.page = page;
    this.update();
  }

  protected override onAfterAttach(msg: Message): void {
    this.wasShown ||= this.isVisible;
    super.onAfterAttach(msg);
    this.showNumbers();
  }

  protected override onAfterHide(msg: Message): void {
    super.onAfterHide(msg);
    this.update();
    this.showNumbers();
  }

  protected override onAfterShow(msg: Message): void {
    super.onAfterShow(msg);
    this.wasShown = true;
    if (!this.options.wasWidened()) {
      requestAnimationFrame(() => widen(this));
    }
    this.update();
    this.showNumbers();
  }

  /** The cells have their numbers beside them while people read here of cells by their numbers. */
  private showNumbers(): void {
    document.body.classList.toggle('jp-Copilot-numbersCells', this.isVisible);
  }

  private follow(): void {
    const notebook = this.options.rooms.currentNotebook;
    if (notebook !== this.notebook) {
      this.notebook = notebook;
      this.page = this.page === 'begin' ? 'chat' : this.page;
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
          ? trans._n('Copilot: %1 decision waits', 'Copilot: %1 decisions wait', count)
          : trans.__('Copilot');
    }
  }

  private get bareServices(): Services {
    return pageServices({
      ...this.options,
      now: () => Date.now(),
      cells: { cellNumber: () => null, goToCell: () => undefined }
    });
  }

  private page: 'chat' | 'begin' | 'models' | 'servers' = 'chat';
  private wasShown = false;
  private notebook: OpenNotebook | null = null;
  private waiting = -1;
  private readonly field = React.createRef<HTMLTextAreaElement>();
}
