/**
 * Is the node that answers for an address the one that was elected? Pure: an expectation, what was seen and who is who in,
 * a verdict with its reason out. What cannot be told from a segment is `unknown`, never guessed.
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

/** One address of a service, and everything that bears on it. */
export interface L2Situation {
  address: string;
  /** `namespace/name`; null: no Service has the address. */
  service: string | null;
  /** Whom the speakers elect; empty = nobody. */
  elected: readonly L2Announcer[];
  /** Whom they elect when the nodes that are not Ready are no members. */
  instead: readonly L2Announcer[];
  /** Why nobody is elected: MetalLB's word, and a sentence. */
  reason: { reason: string; text: string } | null;
  /** Other services with the same address, and whom they elect. */
  sharedWith: readonly L2Announcer[];
  /** Our interfaces that are watched. */
  interfaces: readonly string[];
  /** By interface. */
  seen: ReadonlyMap<string, Seen>;
  nodeOf(mac: string): string | null;
  /** Interfaces of ours on whose segment a node was seen with an address of its own. */
  interfacesOf(node: string): readonly string[];
  /** What nodes call their interface on the segment of ours; null = not configured. */
  nodeInterfaces(name: string): readonly string[] | null;
  /** The node that this host is; null = none. */
  ownNode: string | null;
  /** Is anybody asked? Without it silence says nothing. */
  asks: boolean;
}

/** An owner, and the node that it is known to be; null = none. */
export interface Station extends Owner {
  node: string | null;
}

export interface L2Assessment {
  verdict: L2Verdict;
  reasonCode: string;
  reasonText: string;
  owners: readonly Station[];
}

/** The verdict as things are, without grace. */
export function judge(question: L2Situation): L2Assessment {
  const { address, interfaces, seen, elected, nodeOf } = question;
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
      'No interface of this host is watched on layer 2, so nobody can be seen; see l2.interfaces, and the status.',
    );
  const who = `${describe(owners)} for ${address}`;
  if (elected.length === 0) return judgeNobody(question, owners, who, answer);
  if (owners.length === 0) return judgeSilence(question, answer);

  const nodes = new Set(owners.map(({ node }) => node));
  const right = new Set([...elected, ...question.instead].map(({ node }) => node));
  if (isContested(owners, nodes)) return judgeContest(question, nodes, who, answer);
  const [node] = nodes;
  if (node === null || node === undefined)
    return answer(
      'unknown',
      'mac-not-known',
      `${who}: no address of a node resolves to it, so whether it is ${names(elected)} cannot be told.`,
    );
  if (!right.has(node))
    return answer(
      'wrong-node',
      'another-node',
      `${who}, not ${names(elected)}, which is elected as long as its speaker is alive.`,
    );
  return judgeInterface(question, node, owners, who, answer);
}

type Make = (verdict: L2Verdict, reasonCode: string, reasonText: string) => L2Assessment;

/** Nobody should answer, for this service at least. */
function judgeNobody(question: L2Situation, owners: readonly Station[], who: string, answer: Make): L2Assessment {
  const { address, service, reason, seen, sharedWith } = question;
  const why = reason?.text ?? 'no Service has this address';
  if (reason?.reason === 'noConfig')
    return answer('unknown', 'config-unknown', `Who should answer cannot be said: ${why}.`);
  if (owners.length > 0) {
    if (owners.every(({ node }) => sharedWith.some((other) => other.node === node)))
      return answer('ok', 'shared', `${who}, for a Service that shares it; for ${service} nobody should: ${why}.`);
    return answer(
      'unexpected',
      service === null ? 'no-service' : 'not-announced',
      `${who}, though nobody should: ${why}.`,
    );
  }
  if ([...seen.values()].some(({ isSilent }) => isSilent))
    return answer('ok', 'silent', `Nobody answers for ${address}, and for ${service} nobody should: ${why}.`);
  return answer(
    'unknown',
    'not-asked',
    `Nothing was heard of ${address} so far; for ${service} nobody should answer: ${why}.`,
  );
}

/** Nobody answers, though somebody should: that says something only where the elected node would be seen. */
function judgeSilence(question: L2Situation, answer: Make): L2Assessment {
  const { address, elected, interfaces, seen } = question;
  const ours = interfaces.join(', ');
  if (elected.some(({ node }) => node === question.ownNode))
    return answer(
      'unknown',
      'own-host',
      `${names(elected)} should answer for ${address}, and is this host, which does not hear its own answers.`,
    );
  const shared = elected.flatMap((announcer) =>
    question.interfacesOf(announcer.node).map((name) => ({ name, announcer })),
  );
  if (!question.asks && ![...seen.values()].some(({ isSilent }) => isSilent))
    return answer('unknown', 'not-asked', `Nothing was heard of ${address} on ${ours}, and l2.probe is off.`);
  if (shared.length === 0)
    return answer(
      'unknown',
      'node-not-seen',
      `${names(elected)} should answer for ${address}, but no address of it was seen on ${ours}: that segment is perhaps not its own.`,
    );
  const silent = shared.filter(({ name }) => seen.get(name)?.isSilent);
  if (silent.length === 0)
    return answer(
      'unknown',
      'not-asked-yet',
      `${names(elected)} should answer for ${address}; nobody did so far, and it was not asked often enough to call that silence.`,
    );
  const allowed = silent.filter(({ name, announcer }) => allows(question, announcer, name) === true);
  const [first] = allowed;
  if (first)
    return answer(
      'missing',
      'no-answer',
      `Nobody answers for ${address} on ${first.name}; ${names(elected)} should, and was seen there with its own address.`,
    );
  const { announcer, name } = silent[0]!;
  if (silent.every((one) => allows(question, one.announcer, one.name) === false))
    return answer(
      'unknown',
      'excluded-here',
      `Node ${announcer.node} announces ${address} on ${announcer.interfaces.join(', ')} only, which is not the segment of ${name}: from here it cannot be seen.`,
    );
  return answer(
    'unknown',
    'interface-not-known',
    `Nobody answers for ${address} on ${name}; ${limited(announcer, name)}`,
  );
}

/** The right node answers: through an interface that its L2Advertisements allow? */
function judgeInterface(
  question: L2Situation,
  node: string,
  owners: readonly Station[],
  who: string,
  answer: Make,
): L2Assessment {
  const { elected, instead } = question;
  const announcer = [...elected, ...instead].find((one) => one.node === node)!;
  const verdicts = owners.map((owner) => ({ owner, allowed: allows(question, announcer, owner.interface) }));
  const refused = verdicts.find(({ allowed }) => allowed === false);
  if (refused)
    return answer(
      'wrong-interface',
      'interface-excluded',
      `${who} on the segment of ${refused.owner.interface}, where its interface is ${question.nodeInterfaces(refused.owner.interface)!.join(' or ')}; its L2Advertisements allow ${announcer.interfaces.join(', ')} only.`,
    );
  if (verdicts.some(({ allowed }) => allowed === undefined))
    return answer(
      'unknown',
      'interface-not-known',
      `${who}, as it should; ${limited(announcer, owners[0]!.interface)}`,
    );
  if (!elected.some((one) => one.node === node))
    return answer(
      'ok',
      'next-in-line',
      `${who}: ${names(elected)} would be elected but is not Ready, and ${node} is next.`,
    );
  return answer('ok', 'as-elected', `${who}, as elected.`);
}

/** kube-ipvs0 has the addresses of all services, and the kernel answers for them on every interface. */
const strictArp = 'kube-proxy in IPVS mode makes every node answer, unless strictARP is on.';

/** Several stations have the address at the same time. */
function judgeContest(
  question: L2Situation,
  nodes: ReadonlySet<string | null>,
  who: string,
  answer: Make,
): L2Assessment {
  const { elected, sharedWith } = question;
  const text = `${who} at the same time`;
  const isElected = (node: string | null): boolean => [...elected, ...sharedWith].some((one) => one.node === node);
  if (![...nodes].every(isElected))
    return answer('two-owners', 'two-answers', `${text}; ${names(elected)} is elected. ${strictArp}`);
  if (elected.length > 1)
    return answer(
      'two-owners',
      'stale-config',
      `${text}: speakers go by different configurations, and elect each by its own.`,
    );
  return answer('two-owners', 'shared-address', `${text}: services that share the address elect different nodes.`);
}

/** One node with two interfaces on a segment answers with both; that is nobody's contest. */
const isContested = (owners: readonly Station[], nodes: ReadonlySet<string | null>): boolean =>
  nodes.size > 1 || (nodes.has(null) && new Set(owners.map(({ mac }) => mac)).size > 1);

/** May the node answer on the segment of our interface? Undefined: its name for that interface is not known. */
function allows({ nodeInterfaces }: L2Situation, { interfaces }: L2Announcer, name: string): boolean | undefined {
  if (interfaces.length === 0) return true;
  return nodeInterfaces(name)?.some((theirs) => interfaces.includes(theirs));
}

const limited = ({ node, interfaces }: L2Announcer, name: string): string =>
  `its L2Advertisements allow ${interfaces.join(', ')} only, and which interface of node ${node} is on the segment of ${name} is not known: say so with nodeInterfaces in l2.interfaces.`;

const names = (announcers: readonly L2Announcer[]): string =>
  `node ${[...new Set(announcers.map(({ node }) => node))].join(' or ')}`;

/** `node node-b (02:…) answers`, with all stations that do. */
function describe(stations: readonly Station[]): string {
  const words = stations.map(({ mac, node }) => (node === null ? `${mac} (no node known)` : `node ${node} (${mac})`));
  const all = [...new Set(words)];
  return `${all.join(' and ')} ${all.length > 1 ? 'answer' : 'answers'}`;
}
