/** The providers of models that people set up on the server: asked, tested, kept and removed. A key goes in only. */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import type { ProviderForm, ProviderList, Trial } from '../view-model/providers';

const URL = 'api/copilot/providers';

export class Providers {
  constructor(private readonly settings: ServerConnection.ISettings) {}

  list(): Promise<ProviderList> {
    return this.ask<ProviderList>('', 'GET');
  }

  test(form: ProviderForm, model: string): Promise<Trial> {
    return this.ask<Trial>('test', 'POST', { ...body(form), name: form.name, model });
  }

  keep(form: ProviderForm): Promise<ProviderList> {
    return this.ask<ProviderList>(byName(form.name), 'PUT', body(form));
  }

  remove(name: string): Promise<ProviderList> {
    return this.ask<ProviderList>(byName(name), 'DELETE');
  }

  /** Rejects with the server's own words. */
  private async ask<T>(path: string, method: string, value?: object): Promise<T> {
    const url = URLExt.join(this.settings.baseUrl, URL, path);
    const init = { method, ...(value && { body: JSON.stringify(value) }) };
    const response = await ServerConnection.makeRequest(url, init, this.settings);
    const answer = (await response.json().catch(() => ({}))) as T & {
      message?: string;
      hint?: string;
    };
    if (!response.ok) {
      const message = answer.message ?? `The server answered with status ${response.status}.`;
      throw new Error(`${message} ${answer.hint ?? ''}`.trim());
    }
    return answer;
  }
}

function byName(name: string): string {
  return `by-name/${encodeURIComponent(name)}`;
}

/** What is sent: a key only when one was typed, so that the kept one stays. */
function body({ provider, base_url, key, models }: ProviderForm): object {
  return { provider, base_url, models, ...(key !== '' && { key }) };
}
