/** Speakers of a large cluster that announce what they should. */
import { BatchWriter, RecordKind } from '../../src/events.ts';
import type { ExpectationTable } from '../../src/metallb/expectations/table.ts';
import type { ExpectedRoute } from '../../src/metallb/types.ts';
import type { Rib } from '../../src/rib/rib.ts';
import { announce } from '../support/builders.ts';
import { established } from './established.ts';

const routerASN = 64500;

/** Brings up every session of these nodes, its table in and as expected. */
export function connect(rib: Rib, table: ExpectationTable, nodes: readonly string[]): void {
  const wanted = new Set(nodes);
  for (const [index, { node, bgpPeer, myASN }] of table.sessions.entries()) {
    if (!wanted.has(node)) continue;
    const addresses = table.nodes.get(node)!.addresses;
    const [session, address] = [index + 1, addresses[0]!];
    const event = established(address, myASN, routerASN);
    if (event.kind !== 'established') throw new Error('no session');
    const writer = new BatchWriter();
    writer.appendEvent(session, 0, {
      ...event,
      // a neighbor is told by our port as well: the sessions of one node differ in nothing else
      endpoints: { ...event.endpoints, localPort: 10_000 + index },
      negotiated: { ...event.negotiated, families: [4, 6] },
    });
    for (const message of updates([...table.routes(node, bgpPeer)], addresses))
      writer.append(RecordKind.message, session, 0, message);
    const { sessions } = rib.apply(writer.take());
    for (const neighbor of sessions) Object.assign(neighbor, { node, bgpPeer, synced: true });
  }
}

function updates(routes: readonly ExpectedRoute[], addresses: readonly string[]): Uint8Array[] {
  const alike = Map.groupBy(routes, ({ family, communities }) => `${family} ${communities}`);
  return [...alike.values()].flatMap((own) => {
    const [{ family, asPath, communities }] = own as [ExpectedRoute];
    const nextHop = addresses.find((address) => address.includes(':') === (family === 6))!;
    const prefixes = own.map(({ prefix }) => prefix);
    return announce(prefixes, { asPath, nextHop, med: 0, ...(communities.length > 0 && { communities }) });
  });
}
