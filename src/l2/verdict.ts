/**
 * Compares the node that answers for an address with the elected node. Pure: expectation, observations and hardware
 * addresses of nodes in, verdict and reason out. What a segment does not show is `unknown`, never guessed.
 */
import type { L2Announcer } from '../metallb/types.ts';
import type { Owner, Seen } from './sightings.ts';

export const l2Verdicts = [
  'ok',
  'pending',
  'missing',
  'wrong-node',
  'two-owners',
  'wrong-interface',
  'unexpected',
  'unknown',
] as const;
export type L2Verdict = (typeof l2Verdicts)[number];

/** One address of a service, and everything that its verdict depends on. */
export interface L2Situation {
  address: string;
  /** `namespace/name`; null: no Service has the address. */
  service: string | null;
  /** The nodes that the speakers elect; empty: none. */
  elected: readonly L2Announcer[];
  /** The nodes that they elect if nodes that are not Ready are not members. */
  instead: readonly L2Announcer[];
  /** Why no node is elected: MetalLB's reason, and a sentence. */
  reason: { reason: string; text: string } | null;
  /** The nodes elected by other services with the same address. */
  sharedWith: readonly L2Announcer[];
  /** Our watched interfaces. */
  interfaces: readonly string[];
  /** By interface. */
  seen: ReadonlyMap<string, Seen>;
  nodeOf(mac: string): string | null;
  /** Our interfaces on whose segments a node's own addresses were seen. */
  interfacesOf(node: string): readonly string[];
  /** The nodes' interfaces on the segment of our interface; null: not configured. */
  nodeInterfaces(name: string): readonly string[] | null;
  /** The node that is this host; null: none. */
  ownNode: string | null;
  /** Probes are sent. Without them, silence has no meaning. */
  asks: boolean;
}

/** An owner and its node; null: unknown. */
export interface Station extends Owner {
  node: string | null;
}

export interface L2Assessment {
  verdict: L2Verdict;
  reasonCode: string;
  reasonText: string;
  owners: readonly Station[];
}

/** The current verdict, without grace. */
export function judge(situation: L2Situation): L2Assessment {
  const { address, interfaces, seen, elected, nodeOf } = situation;
  const owners = [...seen.values()].flatMap((one) =>
    one.owners.map((owner): Station => ({ ...owner, node: nodeOf(owner.mac) })),
  );
  const answer = (verdict: L2Verdict, reasonCode: string, reasonText: string): L2Assessment => ({
    verdict,
    reasonCode,
    reasonText: reasonText.replace(/^node /, 'Node '),
    owners,
  });
  if (interfaces.length === 0)
    return answer(
      'unknown',
      'not-listening',
      'No interface of this host is watched on layer 2; see l2.interfaces and the status.',
    );
  const who = `${describe(owners)} for ${address}`;
  if (elected.length === 0) return judgeUnelected(situation, owners, who, answer);
  if (owners.length === 0) return judgeSilence(situation, answer);

  const nodes = new Set(owners.map(({ node }) => node));
  const right = new Set([...elected, ...situation.instead].map(({ node }) => node));
  if (isContested(owners, nodes)) return judgeContest(situation, nodes, who, answer);
  const [node] = nodes;
  if (node === null || node === undefined)
    return answer(
      'unknown',
      'mac-not-known',
      `${who}, but no node address resolves to it, so it is unknown whether it is ${names(elected)}.`,
    );
  if (!right.has(node))
    return answer('wrong-node', 'another-node', `${who}, but ${names(elected)} is elected unless its speaker is down.`);
  return judgeInterface(situation, node, owners, who, answer);
}

type Make = (verdict: L2Verdict, reasonCode: string, reasonText: string) => L2Assessment;

/** No node should answer for this service. */
function judgeUnelected(situation: L2Situation, owners: readonly Station[], who: string, answer: Make): L2Assessment {
  const { address, service, reason, seen, sharedWith } = situation;
  const why = reason?.text ?? 'no Service has this address';
  if (reason?.reason === 'noConfig')
    return answer('unknown', 'config-unknown', `Cannot tell which node should answer: ${why}.`);
  if (owners.length > 0) {
    if (owners.every(({ node }) => sharedWith.some((other) => other.node === node)))
      return answer(
        'ok',
        'shared',
        `${who}, for another Service with this address; for ${service} no node should: ${why}.`,
      );
    return answer(
      'unexpected',
      service === null ? 'no-service' : 'not-announced',
      `${who}, but no node should: ${why}.`,
    );
  }
  if ([...seen.values()].some(({ isSilent }) => isSilent))
    return answer('ok', 'silent', `No node answers for ${address}, and none should for ${service}: ${why}.`);
  return answer(
    'unknown',
    'not-asked',
    `No answer for ${address} so far; for ${service} no node should answer: ${why}.`,
  );
}

/** No node answers but one should. That is a finding only on a segment where the elected node is seen. */
function judgeSilence(situation: L2Situation, answer: Make): L2Assessment {
  const { address, elected, interfaces, seen } = situation;
  const ours = interfaces.join(', ');
  if (elected.some(({ node }) => node === situation.ownNode))
    return answer(
      'unknown',
      'own-host',
      `${names(elected)} should answer for ${address}, but it is this host, which does not receive its own answers.`,
    );
  const shared = elected.flatMap((announcer) =>
    situation.interfacesOf(announcer.node).map((name) => ({ name, announcer })),
  );
  if (!situation.asks && ![...seen.values()].some(({ isSilent }) => isSilent))
    return answer('unknown', 'not-asked', `No answer for ${address} on ${ours}, and l2.probe is off.`);
  if (shared.length === 0)
    return answer(
      'unknown',
      'node-not-seen',
      `${names(elected)} should answer for ${address}, but none of its own addresses was seen on ${ours}, so it may not be on this segment.`,
    );
  const silent = shared.filter(({ name }) => seen.get(name)?.isSilent);
  if (silent.length === 0)
    return answer(
      'unknown',
      'not-asked-yet',
      `${names(elected)} should answer for ${address}; no answer so far, but too few probes were sent to conclude that it is silent.`,
    );
  const allowed = silent.filter(({ name, announcer }) => allows(situation, announcer, name) === true);
  const [first] = allowed;
  if (first)
    return answer(
      'missing',
      'no-answer',
      `No node answers for ${address} on ${first.name}; ${names(elected)} should, and its own address was seen there.`,
    );
  const { announcer, name } = silent[0]!;
  if (silent.every((one) => allows(situation, one.announcer, one.name) === false))
    return answer(
      'unknown',
      'excluded-here',
      `Node ${announcer.node} announces ${address} only on ${announcer.interfaces.join(', ')}, not on the segment of ${name}, so Peerglass cannot see it here.`,
    );
  return answer(
    'unknown',
    'interface-not-known',
    `No node answers for ${address} on ${name}; ${limited(announcer, name)}`,
  );
}

/** The right node answers. Checks that its L2Advertisements allow the interface. */
function judgeInterface(
  situation: L2Situation,
  node: string,
  owners: readonly Station[],
  who: string,
  answer: Make,
): L2Assessment {
  const { elected, instead } = situation;
  const announcer = [...elected, ...instead].find((one) => one.node === node)!;
  const verdicts = owners.map((owner) => ({ owner, allowed: allows(situation, announcer, owner.interface) }));
  const excluded = verdicts.find(({ allowed }) => allowed === false);
  if (excluded)
    return answer(
      'wrong-interface',
      'interface-excluded',
      `${who} on the segment of ${excluded.owner.interface}, where its interface is ${situation.nodeInterfaces(excluded.owner.interface)!.join(' or ')}, but the L2Advertisements allow only ${announcer.interfaces.join(', ')}.`,
    );
  if (verdicts.some(({ allowed }) => allowed === undefined))
    return answer('unknown', 'interface-not-known', `${who}, as elected; ${limited(announcer, owners[0]!.interface)}`);
  if (!elected.some((one) => one.node === node))
    return answer(
      'ok',
      'next-in-line',
      `${who}: ${names(elected)} would be elected but is not Ready, and ${node} is next.`,
    );
  return answer('ok', 'as-elected', `${who}, as elected.`);
}

/** kube-ipvs0 has the addresses of all services, and the kernel answers for them on every interface. */
const strictArp = 'With kube-proxy in IPVS mode, every node answers unless strictARP is on.';

/** Several stations answer at the same time. */
function judgeContest(
  situation: L2Situation,
  nodes: ReadonlySet<string | null>,
  who: string,
  answer: Make,
): L2Assessment {
  const { elected, sharedWith } = situation;
  const text = `${who} at the same time`;
  const isElected = (node: string | null): boolean => [...elected, ...sharedWith].some((one) => one.node === node);
  if (![...nodes].every(isElected))
    return answer('two-owners', 'two-answers', `${text}; ${names(elected)} is elected. ${strictArp}`);
  if (elected.length > 1)
    return answer(
      'two-owners',
      'stale-config',
      `${text}: the speakers use different configurations and elect different nodes.`,
    );
  return answer('two-owners', 'shared-address', `${text}: Services that share the address elect different nodes.`);
}

/** False for one node that answers with two interfaces on a segment. */
const isContested = (owners: readonly Station[], nodes: ReadonlySet<string | null>): boolean =>
  nodes.size > 1 || (nodes.has(null) && new Set(owners.map(({ mac }) => mac)).size > 1);

/** True if the node may answer on the segment of our interface; undefined if its interface there is unknown. */
function allows({ nodeInterfaces }: L2Situation, { interfaces }: L2Announcer, name: string): boolean | undefined {
  if (interfaces.length === 0) return true;
  return nodeInterfaces(name)?.some((theirs) => interfaces.includes(theirs));
}

const limited = ({ node, interfaces }: L2Announcer, name: string): string =>
  `the L2Advertisements allow only ${interfaces.join(', ')}, and it is unknown which interface of node ${node} is on the segment of ${name}: set nodeInterfaces in l2.interfaces.`;

const names = (announcers: readonly L2Announcer[]): string =>
  `node ${[...new Set(announcers.map(({ node }) => node))].join(' or ')}`;

/** `node node-b (02:…) answers`, with all stations. */
function describe(stations: readonly Station[]): string {
  const words = stations.map(({ mac, node }) => (node === null ? `${mac} (no node known)` : `node ${node} (${mac})`));
  const all = [...new Set(words)];
  return `${all.join(' and ')} ${all.length > 1 ? 'answer' : 'answers'}`;
}
