/** What goes over the wire: the offer, a request, and the lines of its answer. */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

const URL = 'api/copilot/completions';

/** A model that may complete. */
export interface CompletionModel {
  readonly name: string;
  readonly label: string;
  readonly host: string;
  /** Whether each request costs money. */
  readonly costs: boolean;
}

/** What the server offers this person; `unasked`: whether to begin without having been switched on. */
export interface Offer {
  readonly allowed: boolean;
  readonly models: readonly CompletionModel[];
  readonly unasked: boolean;
}

/** The place where somebody types, as the server is told of it. */
export interface CodeAround {
  readonly prefix: string;
  readonly suffix: string;
  readonly language: string;
  readonly above: readonly string[];
  readonly below: readonly string[];
  readonly names: { readonly [name: string]: string };
}

export interface Asked {
  readonly code: CodeAround;
  readonly model: string;
  readonly tab: string;
  /** Another answer than the likeliest one. */
  readonly again: boolean;
}

/** What went to which model. */
export interface Sent {
  readonly type: 'sent';
  readonly model: string;
  readonly host: string;
  readonly way: string;
  readonly chars: number;
  readonly cells: number;
  readonly names: number;
}

export type Line =
  | Sent
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'done' }
  | { readonly type: 'problem'; readonly problem: { message: string; hint: string } };

/** Asks the server, and gives the lines of its answer as they come. Aborting ends the request to the model, too. */
export type Ask = (asked: Asked, signal: AbortSignal) => AsyncIterable<Line>;

/** What the server offers. A server of before this has nothing. */
export async function offerOf(settings: ServerConnection.ISettings): Promise<Offer> {
  const url = URLExt.join(settings.baseUrl, URL);
  const response = await ServerConnection.makeRequest(url, {}, settings);
  return response.ok
    ? ((await response.json()) as Offer)
    : { allowed: false, models: [], unasked: false };
}

/** Ask by this server. */
export function askAt(settings: ServerConnection.ISettings): Ask {
  return async function* (asked, signal) {
    const url = URLExt.join(settings.baseUrl, URL);
    const init = { method: 'POST', body: JSON.stringify(asked), signal };
    const response = await ServerConnection.makeRequest(url, init, settings);
    if (!response.ok || response.body === null) {
      const body = (await response.json().catch(() => ({}))) as { message?: string; hint?: string };
      const message = body.message ?? `The server answered with status ${response.status}.`;
      yield { type: 'problem', problem: { message, hint: body.hint ?? '' } };
      return;
    }
    yield* linesOf(response.body);
  };
}

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncIterable<Line> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    rest += decoder.decode(value, { stream: !done });
    const lines = rest.split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      yield JSON.parse(line) as Line;
    }
    if (done) {
      return;
    }
  }
}
