/** What the kernel wants a panel in a notebook to show. */
export interface Wanted {
  threadId: string | null;
  height: string;
  compact: boolean;
  composer: boolean;
}

/** What an output or a widget says, which anybody may have written. */
export function wantedOf(data: unknown): Wanted {
  const said = (typeof data === 'object' && data !== null ? data : {}) as Record<string, unknown>;
  const { thread_id, height, compact, composer } = said;
  return {
    threadId: typeof thread_id === 'string' && thread_id !== '' ? thread_id : null,
    height: typeof height === 'string' ? height : '420px',
    compact: compact === true,
    composer: composer !== false
  };
}
