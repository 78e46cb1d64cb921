/** Changes, sessions and verdicts as messages, made when the first client wants them. */

import { shownRoute } from '../../metallb/answers/shown.ts';
import type { Neighbor, RibView, StoredChange } from '../../rib/types.ts';
import type { VerdictChange } from '../../verdicts/types.ts';
import { presentChange, presentNeighbor } from '../present.ts';
import type { ServerMessage } from '../schemas.ts';
import type { KeyedMessage } from './batch.ts';

const json = (message: ServerMessage): string => JSON.stringify(message);

/** The one place where a change becomes a message, live or read back. */
export const routeMessage = (rib: RibView, change: StoredChange): KeyedMessage => ({
  seq: change.seq,
  key: change.neighbor * 2 ** 32 + change.nlri,
  text: json({ type: 'route', ...presentChange(rib, change) }),
});

export const sessionMessage = (neighbor: Neighbor, seq: number): KeyedMessage => ({
  seq,
  key: `session ${neighbor.id}`,
  text: json({ type: 'session', ...presentNeighbor(neighbor) }),
});

export const verdictMessage = ({ from, to, verdict }: VerdictChange, seq: number): KeyedMessage => ({
  seq,
  key: `verdict ${verdict.prefix} ${verdict.node} ${verdict.bgpPeer} ${verdict.neighbor} ${verdict.rule}`,
  text: json({
    type: 'verdict',
    from,
    to,
    ...verdict,
    expected: verdict.expected && shownRoute(verdict.expected),
  }),
});
