/** How the connection stands, as the head tells it. */
export type Connection =
  | { type: 'connecting' }
  | { type: 'live' }
  | { type: 'waiting'; retryAt: number }
  | { type: 'offline' }
  | { type: 'signed_out' }
  | { type: 'closed'; reason: string };
