/** Fields of a BGPPeer that do not reach FRR (MetalLB issue 2904). */

import type { Cluster } from './cluster.ts';
import { lostOptions } from './lost-options.ts';
import type { ObjectProblems, ObjectRule } from './rule.ts';

/** In frr-k8s mode, what the speaker leaves out of its FRRConfiguration. */
export const optionsNotPassedOn: ObjectRule = {
  code: 'options-not-passed-on',
  severity: 'warning',
  title: 'frr-k8s ignores fields of a BGPPeer',
  looksFor: 'sourceAddress, localASN and timers equal to a default in frr-k8s mode.',
  find,
};

function* find(cluster: Cluster): ObjectProblems {
  const { options } = cluster.table;
  if (options.mode !== 'frr-k8s') return;
  for (const peer of cluster.accepted.peers) {
    yield;
    if (!cluster.sessionsByPeer.has(peer.ref.name)) continue;
    const lost = lostOptions(peer);
    if (lost.length === 0) continue;
    yield {
      bgpPeer: peer.ref.name,
      text: `BGPPeer ${peer.ref.name}: ${lost.map(({ text }) => text).join('; ')}.`,
      hint: lost.map(({ hint }) => hint).join(' '),
      objects: [peer.ref],
    };
  }
}
