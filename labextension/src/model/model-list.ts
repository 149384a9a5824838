import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { type ISignal, Signal } from '@lumino/signaling';

import type { ModelChoice } from '../view-model/copilot-view';

/** The models that the server offers, asked once for a page and again after each reconnect. */
export class ModelList {
  constructor(private readonly settings: ServerConnection.ISettings) {}

  /** The models, the default first; null until the server has told. */
  get models(): readonly ModelChoice[] | null {
    return this._models;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Ask the server. A failure leaves what is known: the connection's own state tells of it. */
  async refresh(): Promise<void> {
    const url = URLExt.join(this.settings.baseUrl, 'api/copilot/models');
    const response = await ServerConnection.makeRequest(url, {}, this.settings);
    if (response.ok) {
      const { models } = (await response.json()) as { models: ModelChoice[] };
      this._models = models;
      this._changed.emit();
    }
  }

  private _models: readonly ModelChoice[] | null = null;
  private readonly _changed = new Signal<this, void>(this);
}
