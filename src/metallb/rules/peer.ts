import { type Problem, problem } from '../codes.ts';
import type { BFDProfile, BGPPeer } from '../objects/resources.ts';
import { intersects } from '../relations/bits.ts';
import { parseNumber } from '../relations/cidr.ts';
import type { ClusterNodes } from '../relations/nodes.ts';
import { selectorProblem } from '../relations/selectors.ts';
import type { BGPMode, ExpectOptions } from '../types.ts';
import { rulesOf } from '../versions.ts';
import type { Stage } from './objection.ts';

/** What is wrong with a BGPPeer by itself. The webhook blanks passwords and the BFD profile before it looks. */
export function peerProblem({ spec }: BGPPeer, mode: BGPMode, stage: Stage): Problem | undefined {
  if (spec.myASN === 0) return problem('invalid-asn', 'missing local ASN');
  if (spec.peerASN === 0 && spec.dynamicASN === undefined)
    return problem('invalid-asn', 'missing peer ASN or dynamicASN');
  if (spec.peerASN !== 0 && spec.dynamicASN !== undefined)
    return problem('invalid-asn', 'both peerASN and dynamicASN specified');
  if (spec.peerASN === spec.myASN && spec.ebgpMultiHop)
    return problem('multihop-within-as', 'invalid ebgp-multihop parameter set for an ibgp peer');
  if (spec.peerAddress === '' && spec.interface === '')
    return problem('invalid-peer-address', 'missing peer address or interface');
  if (spec.peerAddress !== '' && spec.interface !== '')
    return problem('invalid-peer-address', 'both peer address and interface specified');
  if (spec.peerAddress !== '' && !parseNumber(spec.peerAddress))
    return problem('invalid-peer-address', `invalid BGPPeer address "${spec.peerAddress}"`);
  if (spec.routerID && !parseNumber(spec.routerID))
    return problem('invalid-peer-field', `invalid router ID "${spec.routerID}"`);
  if (spec.sourceAddress && !parseNumber(spec.sourceAddress))
    return problem('invalid-peer-field', `invalid source IP "${spec.sourceAddress}"`);
  if (stage === 'config' && spec.password && spec.passwordSecret.name !== '')
    return problem('two-passwords', 'can not have both password and passwordSecret set');
  return (
    timersProblem(spec) ??
    selectorProblem(spec.nodeSelectors, 'nodeSelectors') ??
    (mode === 'native' ? nativeProblem(spec, stage) : undefined)
  );
}

/** What must not be changed: a graceful restart that was said to be on, or off. To set it, or to leave it out, may be. */
export function changeProblem({ spec }: BGPPeer, before: BGPPeer | undefined): Problem | undefined {
  const [now, then] = [spec.enableGracefulRestart, before?.spec.enableGracefulRestart];
  if (now === undefined || then === undefined || now === then) return undefined;
  return problem(
    'immutable-field',
    'spec.enableGracefulRestart: EnableGracefulRestart cannot be changed after creation',
  );
}

function timersProblem({ holdTime, keepaliveTime }: BGPPeer['spec']): Problem | undefined {
  // what only one of the two says about the other: hold = 3 × keepalive
  const hold = holdTime ?? (keepaliveTime === undefined ? undefined : 3 * keepaliveTime);
  if (hold !== undefined && hold !== 0 && hold < 3)
    return problem('invalid-timers', `invalid hold time ${hold}s: must be 0 or >=3s`);
  if (holdTime !== undefined && keepaliveTime !== undefined && keepaliveTime > holdTime)
    return problem(
      'invalid-timers',
      `invalid keepaliveTime ${keepaliveTime}s: must be lower than holdTime ${holdTime}s`,
    );
  return undefined;
}

/** The native implementation is a small one. */
function nativeProblem(spec: BGPPeer['spec'], stage: Stage): Problem | undefined {
  const unsupported: readonly [string, unknown][] = [
    ['bfdProfile', stage === 'config' && spec.bfdProfile],
    ['keepaliveTime', spec.keepaliveTime],
    ['vrf', spec.vrf],
    ['connectTime', spec.connectTime !== undefined],
    ['enableGracefulRestart', spec.enableGracefulRestart],
    ['disableMP', spec.disableMP],
    ['dualStackAddressFamily', spec.dualStackAddressFamily],
    ['dynamicASN', spec.dynamicASN],
    ['interface', spec.interface],
    ['localASN', spec.localASN],
  ];
  const field = unsupported.find(([, set]) => set)?.[0];
  return field === undefined
    ? undefined
    : problem('not-in-native-mode', `${field} is not supported in native BGP mode`);
}

/**
 * May the two not be on one node (up to MetalLB 0.15: in one cluster)? FRR has one instance for all of them. The address is compared as it is written and
 * the port not at all.
 */
export function peersProblem(a: BGPPeer, b: BGPPeer, nodes: ClusterNodes, options: ExpectOptions): Problem | undefined {
  if (options.mode === 'native') return undefined;
  const clash = conflict(a.spec, b.spec);
  if (!clash) return undefined;
  const everywhere = !rulesOf(options.version).parsesOwnNodeOnly;
  const shared = everywhere || nodes.size === 0 || intersects(nodes.selectedBy(a), nodes.selectedBy(b));
  return shared ? problem(clash.code, `${clash.error} (peers "${a.ref.name}" and "${b.ref.name}")`) : undefined;
}

function conflict(a: BGPPeer['spec'], b: BGPPeer['spec']): Problem | undefined {
  if ((a.routerID ?? '') !== (b.routerID ?? ''))
    return problem('router-id-conflict', 'FRR mode requires all BGPPeers of a node to have the same routerID');
  if (a.vrf !== b.vrf) return undefined;
  if (a.myASN !== b.myASN)
    return problem('my-asn-conflict', 'FRR mode requires all BGPPeers of a node and VRF to have the same myASN');
  if (a.peerAddress !== b.peerAddress || a.interface !== b.interface) return undefined;
  return problem('duplicate-peer', "FRR mode doesn't support duplicate BGPPeers selecting the same node");
}

/** A reference to a BFD profile that is not there (yet). */
export function bfdProblem({ ref, spec }: BGPPeer, profiles: ReadonlyMap<string, BFDProfile>): Problem | undefined {
  if (!spec.bfdProfile || profiles.has(spec.bfdProfile)) return undefined;
  return problem(
    'unknown-bfd-profile',
    `peer ${ref.name} referencing non existing bfd profile ${spec.bfdProfile} (transient)`,
  );
}
