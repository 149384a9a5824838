/** How the connection stands, as the head tells it. */
export type ShownConnection =
  | { type: 'connecting' }
  | { type: 'live' }
  | { type: 'waiting'; retryAt: number }
  | { type: 'offline' }
  | { type: 'signed_out' }
  | { type: 'closed'; reason: string };
