/** How diagnoses put things: lists of names, spans of time, objects. */

import type { ObjectRef } from '../metallb/types.ts';
import { formatTime } from '../rib/time.ts';
import type { Neighbor } from '../rib/types.ts';
import type { Evidence } from '../verdicts/types.ts';
import type { Trouble } from './types.ts';

/** Names in one sentence; of more of them the number tells enough. */
const maxNamed = 5;

/** `a, b and 7 more` */
export function names(list: Iterable<string>, max = maxNamed): string {
  const all = [...new Set(list)];
  const more = all.length - max;
  if (more > 0) return `${all.slice(0, max).join(', ')} and ${more} more`;
  return all.length < 2 ? (all[0] ?? 'none') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
}

/** `1 node`, `3 nodes` */
export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number} ${number === 1 ? one : many}`;

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
