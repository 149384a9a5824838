import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { type ISignal, Signal } from '@lumino/signaling';

import type { Command } from '../protocol';
import type { InboxItem } from '../view-model/told/inbox';

const EVERY_MS = 20_000;
const SOON_MS = 300;

/** What waits for this person in all rooms of the server: asked for now and then, and soon after something changed. */
export class Inbox {
  /** Where nobody wants to be told, nothing is asked, and it is empty. */
  constructor(
    private readonly settings: ServerConnection.ISettings,
    private readonly isWanted: () => boolean
  ) {}

  /** Oldest first. */
  get items(): readonly InboxItem[] {
    return this._items;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Begin to ask. */
  start(): void {
    this.soon();
  }

  /** Something may have changed. */
  soon(): void {
    if (!this.isDue) {
      this.isDue = true;
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => void this.look(), SOON_MS);
    }
  }

  /** Give a command in the room of any notebook; whether it was taken. */
  async command(path: string, commandId: string, command: Command): Promise<boolean> {
    const encoded = path.split('/').map(encodeURIComponent).join('/');
    const body = JSON.stringify({ command_id: commandId, command });
    return (await this.ask(`notebooks/${encoded}/commands`, { method: 'POST', body })).ok;
  }

  private async look(): Promise<void> {
    this.isDue = false;
    const items = this.isWanted() ? await this.waiting() : [];
    if (items !== null && JSON.stringify(items) !== JSON.stringify(this._items)) {
      this._items = items;
      this._changed.emit();
    }
    if (!this.isDue) {
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => void this.look(), EVERY_MS);
    }
  }

  /** What the server says; null when it does not answer, which the connection's own state tells of. */
  private async waiting(): Promise<InboxItem[] | null> {
    try {
      const answer = await this.ask('inbox', {});
      return answer.ok ? ((await answer.json()) as { items: InboxItem[] }).items : null;
    } catch {
      return null;
    }
  }

  private ask(path: string, init: RequestInit): Promise<Response> {
    const url = URLExt.join(this.settings.baseUrl, 'api/copilot', path);
    return ServerConnection.makeRequest(url, init, this.settings);
  }

  private _items: readonly InboxItem[] = [];
  private isDue = false;
  private timer = 0;
  private readonly _changed = new Signal<this, void>(this);
}
