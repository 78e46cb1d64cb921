/** How many live clients there are, what waits for them and what they missed, for `/status` and the metrics. */

/** Why something was not delivered to a client. */
export type DropReason = 'coalesced' | 'gap' | 'closed-slow';

export class Clients {
  /** Connections now. */
  size = 0;
  /** Subscriptions of all connections. */
  subscriptions = 0;
  /** Octets of the messages that wait in outboxes and sockets; what several clients wait for counts once. */
  octets = 0;
  /** Messages (for `closed-slow`: connections) by reason that were not delivered, since the start. */
  readonly dropped: Record<DropReason, number> = { coalesced: 0, gap: 0, 'closed-slow': 0 };
}
