import type { NotebookPanel } from '@jupyterlab/notebook';
import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';

import type { CopilotModel, Saying } from './model/copilot-model';
import type { JsonObject } from './protocol';
import type { RoomView } from './model/room-view';

/**
 * The part of a tool that happens in the page.
 *
 * What the agent is told of the tool, and whether people confirm it, is said by its other part, on the server, which
 * calls this one as `await context.front_end(name, args)`.
 */
export interface FrontEndTool {
  readonly name: string;
  /**
   * Do it in the notebook that the agent works on. What it resolves with is given to the server's part as JSON; a
   * rejection is told to the agent in its words. The arguments come from a model: check them.
   */
  perform(args: JsonObject, notebook: NotebookPanel): Promise<unknown>;
}

/** The copilot of this page, for other extensions. */
export interface ICopilot {
  /** The room of the notebook that is current; null when none is. */
  readonly current: RoomView | null;
  readonly currentChanged: ISignal<ICopilot, RoomView | null>;

  /** The rooms of the notebooks that are open in this page. */
  readonly rooms: ReadonlyMap<string, RoomView>;

  /** A room was opened or closed. */
  readonly roomsChanged: ISignal<ICopilot, void>;

  /** Ask in the current notebook's room. Rejects when no notebook is current, or when the server refuses. */
  ask(text: string, saying?: Saying): Promise<void>;

  /** Call back with each change of any room's state, until disposed. */
  observe(callback: (room: CopilotModel) => void): IDisposable;

  /** Do what a tool of the agent does in a page, until disposed. Throws when another one has its name. */
  registerTool(tool: FrontEndTool): IDisposable;
}

export const ICopilot = new Token<ICopilot>(
  'jupyter-collaborative-copilot:ICopilot',
  'The shared copilot: its rooms, asking it, observing it, and giving it tools of the front end.'
);

/** The panel, for the plugins that lead people to it. */
export interface ICopilotPanel {
  /** Show the panel and put the focus into the composer. */
  compose(): void;
  /** Show the panel and the confirmation that waits the longest, or this one; false when none waits. */
  review(confirmationId?: string): boolean;
}

export const ICopilotPanel = new Token<ICopilotPanel>(
  'jupyter-collaborative-copilot:ICopilotPanel',
  'The panel of the shared copilot.'
);
