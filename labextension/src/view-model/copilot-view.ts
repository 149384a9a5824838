import type { Participant, RoomState, You } from '../protocol';
import type { Acquaintance } from './acquaintance';
import type { ShownConnection } from './connection';
import type { Row } from './conversation/timeline';
import type { Draft } from './draft';
import type { Unsent } from './outgoing';

/** A model that may be chosen, as the server names it. */
export interface ModelChoice {
  name: string;
  label: string;
  note: string;
  demo: boolean;
}

/** An agent that may be chosen, as the server names it; `icon` is an SVG image, empty for the copilot's own. */
export interface AgentChoice {
  agent_id: string;
  name: string;
  icon: string;
  abilities: readonly string[];
  version?: string;
  /** Whose account it uses. */
  account?: string;
  /** Why it cannot answer now, and how it is installed. */
  missing?: string;
}

/** All that the panel shows of one room. */
export interface CopilotView {
  /** The notebook's name, and its whole path. */
  notebook: string;
  path: string;
  connection: ShownConnection;
  you: You | null;
  participants: readonly Participant[];
  /** Those, and whoever was here before. */
  known: Acquaintance;
  /** Null until the first state has arrived. */
  state: RoomState | null;
  /** Grows with each change of the state, which is folded in place; with nothing else. */
  version: number;
  threadId: string;
  unsent: Unsent[];
  /** The models on offer, the default first; null until the server has told. */
  models: readonly ModelChoice[] | null;
  /** The agents on offer, the default first. */
  agents: readonly AgentChoice[];
  /** The agent chosen here; null means the default. */
  chosenAgent: string | null;
  /** The model chosen here; null means the default. */
  chosenModel: string | null;
  draft: Draft;
  /** The chat from its beginning, once somebody read on upwards; else none. */
  earlier: readonly Row[];
  /** Own earlier messages, newest first. */
  history: () => readonly string[];
  examples: string[];
  sendWith: 'enter' | 'modifier';
  /** A message of the server to everybody here. */
  notice: string | null;
}
