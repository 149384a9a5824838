import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { type ISignal, Signal } from '@lumino/signaling';

import type { AgentChoice, ModelChoice } from '../view-model/copilot-view';

interface Offered {
  models: ModelChoice[];
  /** Absent in servers of before agents could be chosen. */
  agents?: AgentChoice[];
}

/** The models and agents that the server offers, asked once for a page and again after each reconnect. */
export class ModelList {
  constructor(private readonly settings: ServerConnection.ISettings) {}

  /** The models, the default first; null until the server has told. */
  get models(): readonly ModelChoice[] | null {
    return this._models;
  }

  /** The agents, the default first. */
  get agents(): readonly AgentChoice[] {
    return this._agents;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Ask the server. A failure leaves what is known: the connection's own state tells of it. */
  async refresh(): Promise<void> {
    const url = URLExt.join(this.settings.baseUrl, 'api/copilot/models');
    const response = await ServerConnection.makeRequest(url, {}, this.settings);
    if (response.ok) {
      const { models, agents } = (await response.json()) as Offered;
      this._models = models;
      this._agents = agents ?? [];
      this._changed.emit();
    }
  }

  private _models: readonly ModelChoice[] | null = null;
  private _agents: readonly AgentChoice[] = [];
  private readonly _changed = new Signal<this, void>(this);
}
