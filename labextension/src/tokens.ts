import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';

import type { CopilotModel, Saying } from './model';
import type { JsonObject } from './protocol';
import type { RoomView } from './room-view';

/** Something that the agent can have this front end do. */
export interface FrontEndTool {
  readonly name: string;
  /** Do it, and say what came of it. A rejection is told to the agent in its words. */
  perform(args: JsonObject): Promise<JsonObject>;
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

  /** Offer a tool of this front end to the agent, until disposed. */
  registerTool(tool: FrontEndTool): IDisposable;

  /** A tool by its name. */
  tool(name: string): FrontEndTool | undefined;
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
