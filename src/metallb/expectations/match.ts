/** Which node and which BGPPeer a session is: from addresses, AS numbers and the name that the remote gives itself. */
import { canonicalAddress } from '../../ip.ts';
import type { ExpectedSession, NodeView } from '../types.ts';
import type { ExpectationTable } from './table.ts';

/** What is known of a session from the wire. */
export interface SessionFacts {
  remoteAddress: string;
  localAddress: string;
  localPort: number;
  /** The remote's AS, once its OPEN said so. */
  asn: number | null;
  /** FQDN capability (code 73), or null. */
  hostname: string | null;
}

export interface MatchOverrides {
  /** Remote address → node name. */
  nodes: Readonly<Record<string, string>>;
  bgpPeer?: string;
}

export interface SessionMatch {
  node: string | null;
  bgpPeer: string | null;
  /** How that was found out, or what is ambiguous. */
  text: string;
}

export function matchSession(facts: SessionFacts, table: ExpectationTable, overrides: MatchOverrides): SessionMatch {
  const node = matchNode(facts, table, overrides.nodes);
  const peer = matchPeer(facts, table, node.node, overrides.bgpPeer);
  return { node: node.node, bgpPeer: peer.bgpPeer, text: `${node.text}; ${peer.text}` };
}

/** Canonical; the IPv4 address of a mapped one, which is what a socket for both families tells. */
const plain = (address: string): string => (canonicalAddress(address) ?? address).replace(/^::ffff:(?=\d+\.)/, '');

function matchNode(
  { remoteAddress, hostname }: SessionFacts,
  table: ExpectationTable,
  overrides: MatchOverrides['nodes'],
): { node: string | null; text: string } {
  const address = plain(remoteAddress);
  for (const [key, node] of Object.entries(overrides))
    if (plain(key) === address) return { node, text: `node ${node}: the configuration says so of ${address}` };

  const owners = lookupOf(table).byAddress.get(address) ?? [];
  if (owners.length === 1)
    return { node: owners[0]!.name, text: `node ${owners[0]!.name}: it has the address ${address}` };
  const shared =
    owners.length > 1
      ? `${owners.map(({ name }) => name).join(', ')} all have the address ${address}`
      : `no node has the address ${address}`;
  if (hostname === null || hostname === '')
    return { node: null, text: `node unknown: ${shared}, and the remote does not give its name` };

  const called = whoIsCalled(hostname, owners.length > 1 ? owners : [...table.nodes.values()]);
  if (called.length === 1)
    return { node: called[0]!.name, text: `node ${called[0]!.name}: the remote calls itself ${hostname}` };
  if (called.length > 1)
    return {
      node: null,
      text: `node unknown: ${shared}, and the name ${hostname} fits ${called.map(({ name }) => name).join(', ')}`,
    };
  return { node: null, text: `node unknown: ${shared}, and none is called ${hostname}` };
}

/** Bytes after which FRR cuts the name in the FQDN capability. */
const fqdnLimit = 64;

/**
 * FRR sends the host's own name, dots included. Whoever goes by exactly that is meant; otherwise nodes often go by
 * the part before the first dot, or the other way round.
 */
function whoIsCalled(hostname: string, nodes: readonly NodeView[]): NodeView[] {
  const said = hostname.toLowerCase();
  const goesBy = (test: (own: string) => boolean): NodeView[] =>
    nodes.filter((node) => [node.name, node.hostname ?? node.name].some((own) => test(own.toLowerCase())));
  const exactly = goesBy((own) => own.slice(0, fqdnLimit) === said || own === said);
  return exactly.length > 0 ? exactly : goesBy((own) => said.split('.', 1)[0] === own || own.split('.', 1)[0] === said);
}

interface Lookup {
  readonly byAddress: ReadonlyMap<string, NodeView[]>;
  readonly byNode: ReadonlyMap<string, ExpectedSession[]>;
}

/** Made once per table: a thousand sessions may ask at once. */
const lookups = new WeakMap<ExpectationTable, Lookup>();

function lookupOf(table: ExpectationTable): Lookup {
  let lookup = lookups.get(table);
  if (!lookup) {
    const byAddress = new Map<string, NodeView[]>();
    for (const node of table.nodes.values())
      for (const address of node.addresses) byAddress.set(address, [...(byAddress.get(address) ?? []), node]);
    lookup = { byAddress, byNode: Map.groupBy(table.sessions, ({ node }) => node) };
    lookups.set(table, lookup);
  }
  return lookup;
}

function matchPeer(
  facts: SessionFacts,
  table: ExpectationTable,
  node: string | null,
  override: string | undefined,
): { bgpPeer: string | null; text: string } {
  if (override !== undefined) return { bgpPeer: override, text: `BGPPeer ${override}: the configuration says so` };
  const candidates = node === null ? table.sessions : (lookupOf(table).byNode.get(node) ?? []);
  if (candidates.length === 0)
    return {
      bgpPeer: null,
      text: node === null ? 'BGPPeer unknown: there is none' : `BGPPeer unknown: none selects node ${node}`,
    };
  const local = plain(facts.localAddress);
  const byAddress = (session: ExpectedSession): boolean => session.peerAddress === local;
  const byPort = (session: ExpectedSession): boolean => session.peerPort === facts.localPort;
  const byAsn = (session: ExpectedSession): boolean => facts.asn === null || session.myASN === facts.asn;
  const unnumbered = (session: ExpectedSession): boolean =>
    session.peerAddress === undefined && local.startsWith('fe80:');
  // from certain to plausible: ports are mapped, addresses translated, AS numbers mistyped
  const tests: readonly [string, (session: ExpectedSession) => boolean][] = [
    [
      `peerAddress, peerPort and AS fit ${local} port ${facts.localPort}`,
      (session) => byAddress(session) && byPort(session) && byAsn(session),
    ],
    [`peerAddress and AS fit ${local} (its peerPort does not)`, (session) => byAddress(session) && byAsn(session)],
    [
      `peerAddress and peerPort fit (its myASN is not ${facts.asn})`,
      (session) => byAddress(session) && byPort(session),
    ],
    ['it is unnumbered and its AS fits', (session) => unnumbered(session) && byAsn(session)],
    [
      `its AS is ${facts.asn} (its peerAddress is not ${local})`,
      (session) => facts.asn !== null && session.myASN === facts.asn,
    ],
  ];
  for (const [text, test] of tests) {
    const names = [...new Set(candidates.filter(test).map(({ bgpPeer }) => bgpPeer))];
    if (names.length === 1) return { bgpPeer: names[0]!, text: `BGPPeer ${names[0]}: ${text}` };
    if (names.length > 1) return { bgpPeer: null, text: `BGPPeer unknown: ${names.join(', ')} fit equally (${text})` };
  }
  return { bgpPeer: null, text: `BGPPeer unknown: none fits ${local} port ${facts.localPort}, AS ${facts.asn}` };
}
