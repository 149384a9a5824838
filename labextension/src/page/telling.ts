import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification as Toast } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { anybodyLooks, sayWhetherLooked } from './looking';
import type { Rooms } from '../model/rooms';
import type { Command } from '../protocol';
import type { ICopilotPanel } from '../tokens';
import { type InboxItem, notebookName } from '../view-model/told/inbox';

const ASKED = 'jupyter-collaborative-copilot:desktop-asked';
const TOAST_MS = 10_000;
const PATIENCE_MS = 15_000;

/**
 * Tells the person of this page what needs them: in the page for other notebooks, on the desktop while no page of
 * theirs is looked at, and in the page's title. Each thing is told once for each way, whichever page does it, as the
 * server takes the report of the first one only.
 */
export class Telling {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly rooms: Rooms,
    private readonly panel: ICopilotPanel,
    private readonly trans: TranslationBundle
  ) {
    const { inbox } = rooms;
    inbox.changed.connect(() => void this.tell());
    rooms.currentChanged.connect(() => void this.tell());
    document.addEventListener('visibilitychange', () => {
      inbox.soon();
      void this.tell();
    });
    const title = document.querySelector('title');
    if (title !== null) {
      new MutationObserver(() => this.showInTitle()).observe(title, { childList: true });
    }
    sayWhetherLooked();
    inbox.start();
  }

  /** Open the notebook where something waits, and show it. */
  async go(item: InboxItem): Promise<void> {
    await this.app.commands.execute('docmanager:open', { path: item.path });
    const until = Date.now() + PATIENCE_MS;
    const look = (): void => {
      const room = this.rooms.current;
      if (room?.model.path === item.path && room.model.state !== null) {
        room.threadId = item.thread_id;
        if (item.kind === 'mention' || !this.panel.review(item.about)) {
          this.panel.compose();
        }
      } else if (Date.now() < until) {
        setTimeout(look, 100);
      }
    };
    look();
  }

  private async tell(): Promise<void> {
    this.showInTitle();
    this.see();
    const way = this.rooms.preferences.values.notifications;
    for (const item of way === 'off' ? [] : this.news()) {
      const key = `${item.kind} ${item.about}`;
      if (!document.hidden) {
        this.told.add(key);
        if (await this.report(item, 'page')) {
          this.showToast(item, way === 'desktop');
        }
      } else if (way === 'desktop' && this.mayUseDesktop() && !(await anybodyLooks())) {
        this.told.add(key);
        if (await this.report(item, 'desktop')) {
          this.showOnDesktop(item);
        }
      }
    }
  }

  /** What came about since the page was opened, concerns this person, is not before their eyes, and was not told. */
  private news(): InboxItem[] {
    const here = this.rooms.current?.model.path;
    return this.rooms.inbox.items.filter(
      item =>
        item.concerns &&
        item.at > this.since &&
        (document.hidden || item.path !== here) &&
        !this.told.has(`${item.kind} ${item.about}`)
    );
  }

  /** A message that names one is seen once its conversation is before one's eyes. */
  private see(): void {
    const room = this.rooms.current;
    if (document.hidden || room === null) {
      return;
    }
    const seen = this.rooms.inbox.items.filter(
      item => item.kind === 'mention' && item.path === room.model.path && !this.seen.has(item.about)
    );
    if (seen.length > 0) {
      seen.forEach(item => this.seen.add(item.about));
      const message_ids = seen.map(item => item.about);
      room.model.submit({ type: 'see_mentions', message_ids }).then(
        () => this.rooms.inbox.soon(),
        () => this.rooms.inbox.soon() // another page of theirs was first
      );
    }
  }

  private report(item: InboxItem, channel: 'page' | 'desktop'): Promise<boolean> {
    const { kind, about, path } = item;
    const command: Command = { type: 'report_notice', kind, about, channel };
    const id = crypto.getRandomValues(new Uint32Array(4)).join('-');
    return this.rooms.inbox.command(path, `notice.${id}`, command).catch(() => false);
  }

  private showToast(item: InboxItem, offersDesktop: boolean): void {
    const actions = [{ label: this.trans.__('Go there'), callback: () => void this.go(item) }];
    if (offersDesktop && 'Notification' in window && Notification.permission === 'default') {
      if (localStorage.getItem(ASKED) === null) {
        localStorage.setItem(ASKED, '1');
        actions.push({
          label: this.trans.__('Tell me on the desktop too'),
          callback: () => void Notification.requestPermission()
        });
      }
    }
    Toast.info(this.words(item), { autoClose: TOAST_MS, actions });
  }

  private mayUseDesktop(): boolean {
    return 'Notification' in window && Notification.permission === 'granted';
  }

  private showOnDesktop(item: InboxItem): void {
    const shown = new Notification(this.words(item), { tag: item.about });
    shown.onclick = () => {
      window.focus();
      shown.close();
      void this.go(item);
    };
  }

  private words({ kind, path, title }: InboxItem): string {
    const name = notebookName(path);
    return kind === 'mention'
      ? this.trans.__('%1 in %2', title, name)
      : this.trans.__('A decision waits in %1: %2', name, title);
  }

  /** A count before the page's title, which JupyterLab writes anew each time that the current document changes. */
  private showInTitle(): void {
    const bare = document.title.replace(/^\(\d+\) /, '');
    const count = this.rooms.inbox.items.filter(item => item.concerns).length;
    const wanted = count > 0 ? `(${count}) ${bare}` : bare;
    if (document.title !== wanted) {
      document.title = wanted;
    }
  }

  private readonly since = Date.now();
  private readonly told = new Set<string>();
  private readonly seen = new Set<string>();
}
