/** Received routes: a filter, a list and a drawer. REST reads the list; the feed updates its rows. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Page, Route } from '../../../src/api/schemas.ts';
import { useApp, useCommand, useFeed, useMessages, useNeighbors, useRead } from '../app.ts';
import { parseFilter, toggleTerm } from '../filter.ts';
import { formatAsPath, formatCount, plural } from '../format.ts';
import type { Model } from '../model.ts';
import { usePages } from '../pages.ts';
import { Drawer } from '../parts/detail.tsx';
import { Facets } from '../parts/facets.tsx';
import { NeighborLink, NodeLink, PrefixLink } from '../parts/link.tsx';
import { Empty, Failure, Loading } from '../parts/notice.tsx';
import { HowToPeer } from '../parts/peering.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { Ago } from '../parts/time.tsx';
import { VerdictBadge } from '../parts/verdict.tsx';
import { routeKey as keyOf, noPatches, type Patches, patched, patchesWith } from '../patches.ts';
import { formatSubject, parseSubject, type Subject } from '../router.ts';
import { routeVocabulary } from '../vocabularies.ts';
import './routes.css';

/** Rows per request. */
const pageSize = 250;

const columnsWith = (neighbors: Model['neighbors']): readonly Column<Route>[] => [
  { title: 'Prefix', class: 'prefix', cell: (r) => <PrefixLink prefix={r.prefix} /> },
  {
    title: 'Node',
    class: 'node',
    cell: (r) => (r.neighbor.node ? <NodeLink node={r.neighbor.node} quiet /> : <span class="dim">not matched</span>),
  },
  {
    title: 'Neighbor',
    class: 'address',
    cell: (r) => <From route={r} bgpPeer={neighbors?.get(r.neighbor.id)?.bgpPeer} />,
  },
  { title: 'Verdict', class: 'verdict', cell: (r) => <VerdictBadge verdict={r.verdict} /> },
  { title: 'Next hop', class: 'nexthop mono', cell: (r) => r.nextHop ?? '–' },
  { title: 'Local pref', class: 'pref number', cell: (r) => r.localPref ?? <span class="dim">–</span> },
  { title: 'AS path', class: 'path mono', cell: (r) => formatAsPath(r.asPath) || <span class="dim">empty</span> },
  {
    title: 'Communities',
    class: 'communities mono',
    cell: (r) => [...r.communities, ...r.largeCommunities].join(' ') || <span class="dim">none</span>,
  },
  { title: 'Changed', class: 'changed', cell: (r) => <Ago at={r.lastChangedAt} /> },
];

function From({ route: { neighbor }, bgpPeer }: { route: Route; bgpPeer: string | null | undefined }) {
  return (
    <>
      <NeighborLink id={neighbor.id}>{neighbor.address}</NeighborLink> {bgpPeer && <span class="dim">{bgpPeer}</span>}
    </>
  );
}

const subjectOf = (route: Route): Subject => ({
  prefix: route.prefix,
  neighbor: route.neighbor.id,
  node: route.neighbor.node,
  bgpPeer: null,
});

export function Routes() {
  const { place: here, go, rest } = useApp();
  const filter = useMemo(() => parseFilter(here.q, routeVocabulary), [here.q]);
  const neighbors = useNeighbors();
  const columns = useMemo(() => columnsWith(neighbors), [neighbors]);
  const pages = usePages<Route>('/routes', { ...filter.query, limit: pageSize }, keyOf);
  // a separate request, so that rows do not wait for the counts
  const facets = useRead<Page<Route>>(
    '/routes',
    { ...filter.query, limit: 1, facets: 'node,verdict,community' },
    pages.revision,
  ).answer?.facets;
  const live = useLiveRows(pages.rows, filter.query, pages.revision);
  useCommand('refresh', pages.again);

  const open = parseSubject(here.open);
  const close = () => go({ ...here, open: '' }, 'replace');
  return (
    <div class="with-drawer">
      <div class="list-view routes">
        <header>
          <h1>Received routes</h1>
          <p class="dim" role="status">
            {pages.rows && plural(pages.rows.length, 'route')}
            {pages.more && ' and more'}
            {live.added > 0 && (
              <button type="button" class="link added" onClick={pages.again}>
                Reload to see {plural(live.added, 'new route')}
              </button>
            )}
          </p>
          <p class="exports">
            <a href={rest.url('/routes', { ...filter.query, format: 'csv', limit: 10_000 })}>CSV</a>
            <a href={rest.url('/routes', { ...filter.query, format: 'ndjson', limit: 10_000 })}>NDJSON</a>
          </p>
        </header>
        {facets && (
          <Facets
            facets={facets}
            keys={['verdict', 'node', 'community']}
            onPick={(key, value) => go({ ...here, q: toggleTerm(here.q, key, value, routeVocabulary) })}
            picked={filter.query}
          />
        )}
        {pages.error && <Failure error={pages.error} again={pages.again} />}
        <Table
          caption="Received routes"
          columns={columns}
          rows={live.rows}
          rowKey={keyOf}
          rowClass={(route) => (live.withdrawn.has(keyOf(route)) ? 'withdrawn' : route.stale ? 'stale' : '')}
          onOpen={(route) =>
            go({ ...here, open: formatSubject(subjectOf(route)) }, here.open === '' ? undefined : 'replace')
          }
          openKey={open && live.rows.filter((route) => formatSubject(subjectOf(route)) === here.open).map(keyOf)[0]}
          onEnd={pages.more ? pages.readMore : undefined}
          empty={
            pages.error ? null : !pages.rows ? (
              <Loading />
            ) : neighbors?.size === 0 ? (
              <HowToPeer />
            ) : (
              <Empty title={here.q === '' ? 'No routes received' : 'No matching routes'}>
                <p>
                  {here.q === ''
                    ? `${plural(neighbors?.size ?? 0, 'neighbor has', 'neighbors have')} connected, but ${neighbors?.size === 1 ? 'it has not' : 'none has'} announced a route.`
                    : 'This list has only received routes. To find an expected route that is missing, open Checks.'}
                </p>
              </Empty>
            )
          }
        />
        {pages.full && (
          <p class="dim">
            Showing the first {formatCount(pages.rows?.length ?? 0)}. Filter the list, or download all as NDJSON.
          </p>
        )}
      </div>
      {open && <Drawer subject={open} onClose={close} />}
    </div>
  );
}

/**
 * The rows, updated from the feed. New routes are only counted, because only the server knows their position in the
 * list.
 */
function useLiveRows(read: readonly Route[] | undefined, query: Record<string, string>, revision: number) {
  useFeed({ id: 'routes', filter: query });
  const [patches, setPatches] = useState<Patches>(noPatches);
  // a new read replaces the patches of the previous one
  useEffect(() => setPatches(noPatches), [revision, JSON.stringify(query)]);
  const known = useMemo(() => new Map(read?.map((route) => [keyOf(route), route.seq])), [read]);
  useMessages((messages) => setPatches((before) => patchesWith(before, messages, known)));
  const rows = useMemo(() => (read ?? []).map((route) => patched(route, patches)), [read, patches]);
  return { rows, withdrawn: patches.withdrawn, added: patches.added.size };
}
