/** TCP MD5 signatures that do not fit (MetalLB issue 1125): SYNs are dropped before anything here sees them. */

import { count, names } from '../../metallb/problems/words.ts';
import { hostOf, plainAddress, Ranges } from '../ranges.ts';
import type { Check, Facts, Finds, OwnNeighbor } from '../types.ts';

/** SYNs within a minute that are more than a stray one. */
const leastSegments = 2;

/** The kernel counts what it drops, for the whole host; whose it was follows from who should be here and is not. */
export const tcpMd5: Check = {
  code: 'tcp-md5',
  severity: 'critical',
  title: 'TCP MD5 password mismatch',
  looksFor: 'segments that the kernel drops for their TCP MD5 signature while a configured neighbor is missing.',
  find,
};

function* find(facts: Facts): Finds {
  const { md5, own } = facts;
  if (!md5) return;
  const kinds = [
    [md5.failure, 'with a wrong signature', 'the passwords of the two sides differ'],
    [
      md5.notFound,
      'without a signature where one is required',
      'the speaker has no password, and bgp.neighbors has one',
    ],
    [
      md5.unexpected,
      'with a signature where none is expected',
      'the speaker has a password, and bgp.neighbors has none',
    ],
  ] as const;
  if (md5.failure + md5.notFound + md5.unexpected < leastSegments) return;
  const suspects: Suspect[] = [];
  for (const suspect of suspectsOf(facts)) {
    yield;
    if (suspect) suspects.push(suspect);
  }
  for (const [segments, what, meaning] of kinds) {
    if (segments < leastSegments) continue;
    const fitting = suspects.filter(({ entry }) => entry.hasPassword === (what !== kinds[2][1]));
    // without anybody who should be here and is not, it is none of our sessions that is kept out
    if (fitting.length === 0 && own.neighbors.length > 0) continue;
    yield {
      text:
        `The kernel dropped ${count(segments, 'TCP segment')} ${what} within the last minute: ${meaning}. ` +
        `Missing sessions: ${names(fitting.map(({ name }) => name))}.`,
      hint:
        'Compare spec.password or the Secret of spec.passwordSecret of the BGPPeer with password of ' +
        `bgp.neighbors ${names(new Set(fitting.map(({ entry }) => entry.range)))}. The counters (TcpExt ` +
        `TCPMD5…) are the whole host 's, so check other BGP daemons on it, too.`,
      ...(fitting.length === 1 && fitting[0]!.node !== undefined && { node: fitting[0]!.node }),
      about: what,
    };
  }
}

interface Suspect {
  /** How it is named in the text. */
  name: string;
  node: string | undefined;
  entry: OwnNeighbor;
}

/** Who should be here, and is not: single addresses of bgp.neighbors, former neighbors, nodes that should have a session. */
function* suspectsOf({ own, rib, cluster }: Facts): Generator<Suspect | undefined> {
  const up = new Set<string>();
  for (const { remoteAddress, state } of rib.neighbors.values())
    if (state === 'established') up.add(plainAddress(remoteAddress));
  const ranges = new Ranges(own.neighbors);
  for (const { entry, address } of ranges.single())
    if (!up.has(address)) yield { name: address, node: undefined, entry };
  for (const { remoteAddress, node } of rib.neighbors.values()) {
    yield;
    const address = plainAddress(remoteAddress);
    const entry = up.has(address) ? undefined : ranges.entryOf(hostOf(address));
    if (entry) yield { name: node === null ? address : `${node} (${address})`, node: node ?? undefined, entry };
  }
  for (const { name, addresses } of cluster?.table.nodes.values() ?? []) {
    yield;
    if (!cluster!.sessionsByNode.has(name) || addresses.some((address) => up.has(address))) continue;
    for (const address of addresses) {
      const entry = ranges.entryOf(hostOf(address));
      if (entry) yield { name: `${name} (${address})`, node: name, entry };
    }
  }
}
