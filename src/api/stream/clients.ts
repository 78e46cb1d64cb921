/** How many live clients there are and what they missed, for `/status` and the metrics. */

/** Why something was not delivered to a client. */
export type DropReason = 'coalesced' | 'gap' | 'closed-slow';

export class Clients {
  /** Connections now. */
  size = 0;
  /** Messages (for `closed-slow`: connections) by reason that were not delivered, since the start. */
  readonly dropped: Record<DropReason, number> = { coalesced: 0, gap: 0, 'closed-slow': 0 };
}
