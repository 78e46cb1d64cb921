/** All neighbors that have ever connected. */
import type { Neighbor } from '../../../src/api/schemas.ts';
import { useApp, useNeighbors } from '../app.ts';
import { matchesWords } from '../filter.ts';
import { formatCount, parseTime, plural } from '../format.ts';
import { NodeLink, To } from '../parts/link.tsx';
import { Empty, Loading } from '../parts/notice.tsx';
import { HowToPeer } from '../parts/peering.tsx';
import { StateBadge } from '../parts/state.tsx';
import { type Column, sorted, Table } from '../parts/table.tsx';
import { Ago, Since } from '../parts/time.tsx';
import { place } from '../router.ts';
import './neighbors.css';

const columns: readonly Column<Neighbor>[] = [
  {
    title: 'Node',
    class: 'node',
    cell: (n) => (n.node ? <NodeLink node={n.node} quiet /> : <Unmatched neighbor={n} />),
    sortBy: (n) => n.node,
  },
  {
    title: 'Address',
    class: 'address',
    cell: (n) => (
      <To place={place('neighbor', { subject: String(n.id) })} class="mono strong">
        {n.address}
      </To>
    ),
    sortBy: (n) => n.address,
  },
  { title: 'AS', class: 'asn number', cell: (n) => n.asn ?? <span class="dim">–</span>, sortBy: (n) => n.asn },
  { title: 'State', class: 'state', cell: (n) => <StateBadge neighbor={n} />, sortBy: (n) => (n.established ? 1 : 0) },
  {
    title: 'Duration',
    class: 'for number',
    cell: (n) => <Since at={n.stateSince} />,
    sortBy: (n) => -(parseTime(n.stateSince) ?? 0),
  },
  { title: 'IPv4', class: 'routes number', cell: (n) => <Count n={n.routes.ipv4} />, sortBy: (n) => n.routes.ipv4 },
  { title: 'IPv6', class: 'routes number', cell: (n) => <Count n={n.routes.ipv6} />, sortBy: (n) => n.routes.ipv6 },
  {
    title: 'Stale',
    class: 'stale number',
    cell: (n) => <Count n={n.routes.stale} warn />,
    sortBy: (n) => n.routes.stale,
  },
  { title: 'Flaps', class: 'flaps number', cell: (n) => <Count n={n.flaps} />, sortBy: (n) => n.flaps },
  { title: 'BGPPeer', class: 'peer', cell: (n) => n.bgpPeer ?? <Unmatched neighbor={n} />, sortBy: (n) => n.bgpPeer },
  {
    title: 'Last error',
    class: 'error',
    cell: (n) => <LastDown neighbor={n} />,
    sortBy: (n) => n.lastDown?.at ?? null,
  },
];

export function Neighbors() {
  const { place: here, go } = useApp();
  const neighbors = useNeighbors();
  const all = neighbors ? [...neighbors.values()] : [];
  const found = all.filter((n) =>
    matchesWords(here.q, [
      n.address,
      n.node,
      n.hostname,
      n.asn && `AS${n.asn}`,
      n.routerId,
      n.bgpPeer,
      n.state,
      n.lastDown?.code,
    ]),
  );
  // by default, neighbors without a session come first
  const rows =
    here.sort === ''
      ? [...sorted(found, columns, 'Node')].sort((a, b) => Number(a.established) - Number(b.established))
      : sorted(found, columns, here.sort);
  const up = all.filter((n) => n.established).length;
  return (
    <div class="list-view neighbors">
      <header>
        <h1>Neighbors</h1>
        {neighbors && (
          <p class="dim">
            {formatCount(up)} of {plural(all.length, 'neighbor')} established
            {here.q && <>, {formatCount(found.length)} shown</>}
          </p>
        )}
      </header>
      <Table
        caption="Neighbors"
        columns={columns}
        rows={rows}
        rowKey={(n) => String(n.id)}
        rowClass={(n) => (n.established ? '' : 'down')}
        onOpen={(n) => go(place('neighbor', { subject: String(n.id) }))}
        sort={here.sort}
        onSort={(sort) => go({ ...here, sort }, 'replace')}
        empty={
          !neighbors ? (
            <Loading />
          ) : all.length === 0 ? (
            <HowToPeer />
          ) : (
            <Empty title="No matching neighbors">
              <p>
                None of {plural(all.length, 'neighbor')} matches “{here.q}” in its address, node, AS, router ID, state,
                BGPPeer or last error.
              </p>
            </Empty>
          )
        }
      />
    </div>
  );
}

function Unmatched({ neighbor }: { neighbor: Neighbor }) {
  return (
    <span class="dim" title={neighbor.matchText}>
      not matched
    </span>
  );
}

function Count({ n, warn = false }: { n: number; warn?: boolean }) {
  if (n === 0) return <span class="dim">0</span>;
  return <span class={warn ? 'warn' : ''}>{formatCount(n)}</span>;
}

function LastDown({ neighbor: { lastDown } }: { neighbor: Neighbor }) {
  if (!lastDown) return <span class="dim">none</span>;
  return (
    <span title={lastDown.text}>
      {lastDown.code}, <Ago at={lastDown.at} />
    </span>
  );
}
