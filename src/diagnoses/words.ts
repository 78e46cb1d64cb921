/** How diagnoses put things: lists of names, spans of time, objects. */

import type { ObjectRef } from '../metallb/types.ts';
import { formatTime } from '../rib/time.ts';
import type { Neighbor } from '../rib/types.ts';
import type { Evidence } from '../verdicts/types.ts';
import type { Trouble } from './types.ts';

/** `45 s`, `3 min`, `2 h` */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

/** `BGPPeer tor-1` */
export const title = ({ kind, name }: ObjectRef): string => `${kind} ${name}`;

/** `node-a (192.0.2.11)`, or the address alone. */
export const who = ({ node, remoteAddress }: Neighbor): string =>
  node === null ? remoteAddress : `${node} (${remoteAddress})`;

/** The session, and why it ended last. */
export function sessionEvidence(neighbor: Neighbor): Evidence[] {
  const { id, remoteAddress, state, stateSince, lastDown } = neighbor;
  const evidence: Evidence[] = [
    { kind: 'session', ref: String(id), text: `${remoteAddress} ${state} since ${formatTime(stateSince)}` },
  ];
  if (lastDown) evidence.push({ kind: 'time', ref: formatTime(lastDown.at), text: lastDown.text });
  return evidence;
}

/** The fields of a trouble that say which session it is about. */
export function subject({ id, node, bgpPeer }: Neighbor): Pick<Trouble, 'neighbor' | 'node' | 'bgpPeer'> {
  return { neighbor: id, ...(node !== null && { node }), ...(bgpPeer !== null && { bgpPeer }) };
}
