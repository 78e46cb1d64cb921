/** Fields of a BGPPeer that do not reach the session (MetalLB issue 2904). */
import type { BGPPeer } from '../../metallb/objects/resources.ts';
import type { Facts, Finds } from '../types.ts';
import { names, sessionEvidence, subject, who } from '../words.ts';
import { established } from './sessions.ts';

/** FRR's defaults, s. frr-k8s takes a value that equals its default for one that is not set. */
const defaults = { hold: 180, keepalive: 60 } as const;

/** frr-k8s mode: what the speaker leaves out of its FRRConfiguration. */
export function* optionsNotPassedOn({ cluster, options }: Facts): Finds {
  if (!cluster || options.mode !== 'frr-k8s') return;
  for (const peer of cluster.peers) {
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

function lostOptions({ spec }: BGPPeer): { text: string; hint: string }[] {
  const lost: { text: string; hint: string }[] = [];
  const unread = (['sourceAddress', 'localASN'] as const).filter(
    (field) => spec[field] !== undefined && spec[field] !== '',
  );
  if (unread.length > 0)
    lost.push({
      text:
        `${names(unread)} ${unread.length === 1 ? 'is' : 'are'} not passed on to frr-k8s and ` +
        `${unread.length === 1 ? 'has' : 'have'} no effect`,
      hint: 'Take them out, or set them in an FRRConfiguration with raw configuration; frr mode honours them.',
    });
  const { holdTime, keepaliveTime } = spec;
  const isDefault = [holdTime === defaults.hold, keepaliveTime === defaults.keepalive];
  if (holdTime !== undefined && keepaliveTime !== undefined && isDefault[0] !== isDefault[1])
    lost.push({
      text:
        `holdTime ${holdTime} s and keepaliveTime ${keepaliveTime} s end up as ${defaults.hold} and ` +
        `${defaults.keepalive}, since frr-k8s drops the one that equals FRR's default and then both`,
      hint: `Choose both timers unlike FRR's defaults (${defaults.hold} s, ${defaults.keepalive} s).`,
    });
  return lost;
}

/** BFD that a BGPPeer asks for and that frr-k8s reports not to be up, on sessions that are. */
export function* bfdNotUp({ cluster, own }: Facts): Finds {
  if (!cluster) return;
  for (const { ref, spec } of cluster.resources.BGPSessionState.values()) {
    yield;
    const { node, peer: address, bgpStatus, bfdStatus } = spec;
    if (bgpStatus.toLowerCase() !== 'established' || bfdStatus === '' || bfdStatus.toLowerCase() === 'up') continue;
    const session = (cluster.sessionsByNode.get(node) ?? []).find(({ peerAddress }) => peerAddress === address);
    const peer = session && cluster.peer(session.bgpPeer);
    if (!peer?.spec.bfdProfile) continue;
    const isOurs = own.interfaces.some((one) => one.address === address);
    yield {
      ...(isOurs && { severity: 'info' as const }),
      node,
      bgpPeer: peer.ref.name,
      text:
        `BGPPeer ${peer.ref.name} has the bfdProfile ${peer.spec.bfdProfile}, and BGPSessionState ` +
        `${ref.name} says that BFD between ${node} and ${address} is ${bfdStatus}: ` +
        'a failure of the way between is noticed by the hold timer only.',
      hint: isOurs
        ? 'Peerglass does not speak BFD, and BFD that never came up does no harm. Run a BFD daemon on this ' +
          'host, or take the bfdProfile out of this BGPPeer.'
        : 'Look whether BFD is configured on the router for this neighbor, and whether UDP port 3784 (4784 ' +
          'with ebgpMultiHop) gets through.',
      objects: [ref, peer.ref],
    };
  }
}

/** The hold time in the speaker's OPEN is what it is configured with. */
export function* holdTimeNotInForce(facts: Facts): Finds {
  const { cluster, options, history, now, graceMs } = facts;
  if (!cluster) return;
  for (const neighbor of established(facts)) {
    yield;
    const { bgpPeer, node, received } = neighbor;
    const peer = bgpPeer === null ? undefined : cluster.peer(bgpPeer);
    const wanted = peer?.spec.holdTime;
    if (!peer || wanted === undefined || received === null || node === null) continue;
    if (received.holdTime === wanted || !cluster.table.session(node, bgpPeer!)) continue;
    if (options.mode === 'frr-k8s' && lostOptions(peer).length > 0) continue; // said above
    const isNews = history.edits.some(
      ({ at, object }) => object.kind === 'BGPPeer' && object.name === bgpPeer && at > now - graceMs,
    );
    if (isNews) continue; // it is on its way
    yield {
      ...subject(neighbor),
      text:
        `BGPPeer ${bgpPeer} asks for a hold time of ${wanted} s, and ${who(neighbor)} announced ` +
        `${received.holdTime} s when its session came up.`,
      hint:
        'Timers change when a session comes up anew: reset it. If it comes back the same, the speaker runs ' +
        'with another configuration than this BGPPeer.',
      objects: [peer.ref],
      evidence: sessionEvidence(neighbor),
    };
  }
}
