/** What other extensions, and the plugins of this one, have of the copilot: interfaces only. */
import type { NotebookPanel } from '@jupyterlab/notebook';
import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';

import type { Connection } from './client/client';
import type { Saying } from './core/post-message';
import type { Command, JsonObject, Open, Participant, RoomState, You } from './protocol';

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

/** The room of one notebook. */
export interface CopilotRoom {
  /** The notebook's path on the server. */
  readonly path: string;
  /** All that is on record, as far as it is needed; null until it was first seen whole. To be read only. */
  readonly state: RoomState | null;
  /** Every confirmation that waits for a person, oldest first. */
  readonly openConfirmations: readonly Open[];
  readonly connection: Connection;
  readonly participants: readonly Participant[];
  /** Who the server takes this person for, and what they may do; null before the first greeting. */
  readonly you: You | null;
  /**
   * Send a command as this person. Resolves with the seq of its last record, once that is part of `state`; rejects when
   * the server refuses. Without a connection it waits, and survives a reload of the page.
   */
  submit(command: Command): Promise<number>;
}

/** The copilot of this page, for other extensions. */
export interface ICopilot {
  /** The room of the notebook that is current; null when none is. */
  readonly current: CopilotRoom | null;
  readonly currentChanged: ISignal<ICopilot, CopilotRoom | null>;

  /** The rooms of the notebooks that are open in this page. */
  readonly rooms: ReadonlyMap<string, CopilotRoom>;

  /** A room was opened or closed. */
  readonly roomsChanged: ISignal<ICopilot, void>;

  /** Ask in the current notebook's room. Rejects when no notebook is current, or when the server refuses. */
  ask(text: string, saying?: Saying): Promise<void>;

  /** Call back with each change of any room's state, until disposed. */
  observe(callback: (room: CopilotRoom) => void): IDisposable;

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
  /** Ask for a new notebook by what it is for. */
  beginAnew(): void;
  /** Show the page on which models are set up. */
  showModels(): void;
  /** Show the page of the servers whose tools the copilot has. */
  showServers(): void;
  /** Show the panel and the confirmation that waits the longest, or this one; false when none waits. */
  review(confirmationId?: string): boolean;
}

export const ICopilotPanel = new Token<ICopilotPanel>(
  'jupyter-collaborative-copilot:ICopilotPanel',
  'The panel of the shared copilot.'
);
