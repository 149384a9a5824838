/** Servers of others as the page of tool servers shows them. */

export interface ServerTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Names exactly what is seen; trust holds for this. */
  readonly pin: string;
  readonly trusted: boolean;
  /** Whether it describes itself differently than when it was first seen. */
  readonly changed: boolean;
  readonly says_read_only: boolean;
}

export interface ToolServer {
  readonly name: string;
  readonly kind: 'stdio' | 'http';
  readonly state: 'connecting' | 'ready' | 'failed' | 'stopped';
  readonly problem: string;
  readonly tools: readonly ServerTool[];
  /** The end of what its process said; empty for those who may not run code. */
  readonly log: string;
}

/** What a person wishes of a server. */
export type ServerWish =
  | { type: 'trust'; server: string; tool: string; pin: string; trusted: boolean }
  | { type: 'reconnect'; server: string };
