/** Layer 2: the elected, the reported and the observed node of each Service address. */
import { useMemo } from 'preact/hooks';
import type { L2Row, L2Status } from '../../../src/api/schemas.ts';
import { useApp, useCommand, useModel } from '../app.ts';
import { parseFilter, toggleTerm } from '../filter.ts';
import { formatCount, plural } from '../format.ts';
import { usePages } from '../pages.ts';
import { Facets } from '../parts/facets.tsx';
import { Answering, L2Badge, L2Drawer, L2Glyph, Owner, ServiceName } from '../parts/l2.tsx';
import { To } from '../parts/link.tsx';
import { Empty, Failure, Loading } from '../parts/notice.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { Ago } from '../parts/time.tsx';
import { place } from '../router.ts';
import { l2VerdictOrder } from '../verdicts.ts';
import { l2Vocabulary } from '../vocabularies.ts';
import './l2.css';

const pageSize = 250;

export const l2Key = ({ service, address }: L2Row): string => `${service}~${address}`;

const columns: readonly Column<L2Row>[] = [
  { title: 'Verdict', class: 'verdict', cell: (row) => <L2Badge verdict={row.verdict} /> },
  { title: 'Service', class: 'service', cell: (row) => <ServiceName row={row} /> },
  { title: 'Address', class: 'address mono', cell: (row) => row.address },
  { title: 'Elected', class: 'elected', cell: (row) => <Owner owner={row.elected} none="none" /> },
  { title: 'Reported', class: 'reported', cell: (row) => <Owner owner={row.says} none="–" /> },
  { title: 'Answering', class: 'answering', cell: (row) => <Answering row={row} /> },
  {
    title: 'Reason',
    class: 'why',
    cell: (row) => (
      <span class="two-lines" title={row.reasonText}>
        {row.reasonText}
      </span>
    ),
  },
  { title: 'Since', class: 'since', cell: (row) => <Ago at={row.since} /> },
];

export function Layer2() {
  const { place: here, go, rest } = useApp();
  const filter = useMemo(() => parseFilter(here.q, l2Vocabulary), [here.q]);
  const status = useModel((model) => model.status);
  const query = { ...filter.query, limit: pageSize, facets: 'verdict,node' };
  const pages = usePages<L2Row>('/l2', query, l2Key, status?.uptimeSeconds);
  useCommand('refresh', pages.again);
  const open = pages.rows?.find((row) => l2Key(row) === here.open);
  return (
    <div class="with-drawer">
      <div class="list-view l2">
        <header>
          <h1>Layer 2</h1>
          <p class="dim" role="status">
            {pages.rows && plural(pages.rows.length, 'address', 'addresses')}
            {pages.more && ' and more'}
          </p>
          <p class="exports">
            <a href={rest.url('/l2', { ...filter.query, format: 'csv', limit: 10_000 })}>CSV</a>
            <a href={rest.url('/l2', { ...filter.query, format: 'ndjson', limit: 10_000 })}>NDJSON</a>
          </p>
        </header>
        {status?.l2 && <Listening l2={status.l2} />}
        {pages.facets && (
          <Facets
            facets={pages.facets}
            keys={['verdict', 'node']}
            picked={filter.query}
            onPick={(key, value) => go({ ...here, q: toggleTerm(here.q, key, value, l2Vocabulary), open: '' })}
            mark={(key, value) => {
              const verdict = key === 'verdict' ? l2VerdictOrder.find((word) => word === value) : undefined;
              return verdict && { class: `l2-${verdict}`, glyph: <L2Glyph verdict={verdict} /> };
            }}
          />
        )}
        {pages.error && pages.error.status !== 404 && <Failure error={pages.error} again={pages.again} />}
        {!pages.rows && !pages.error && <Loading />}
        {(pages.rows || pages.error) && (
          <Table
            caption="Addresses on layer 2"
            twoLines={!open}
            columns={columns}
            rows={pages.rows ?? []}
            rowKey={l2Key}
            onOpen={(row) => go({ ...here, open: l2Key(row) }, here.open === '' ? undefined : 'replace')}
            openKey={here.open || undefined}
            onEnd={pages.more ? pages.readMore : undefined}
            empty={
              pages.error && pages.error.status !== 404 ? null : (
                <NoRows q={here.q} enabled={status?.l2 !== null} text={pages.emptyText} />
              )
            }
          />
        )}
        {pages.full && (
          <p class="dim">
            Showing the first {formatCount(pages.rows?.length ?? 0)}. Filter the list, or download all as NDJSON.
          </p>
        )}
      </div>
      {open && <L2Drawer row={open} onClose={() => go({ ...here, open: '' }, 'replace')} />}
    </div>
  );
}

const listens: Readonly<Record<L2Status['interfaces'][number]['listens'], string>> = {
  'arp-and-ndp': 'receives ARP and NDP',
  'neighbor-table': "reads only the kernel's neighbor table",
  nothing: 'receives nothing',
};

/** What Peerglass observes on each interface; it limits what the verdicts can tell. */
function Listening({ l2: { interfaces } }: { l2: L2Status }) {
  return (
    <ul class="listening">
      {interfaces.map(({ name, listens: how, text }) => (
        <li key={name} class={how === 'nothing' ? 'bad' : how === 'neighbor-table' ? 'warn' : ''}>
          <span class="mono strong">{name}</span> {listens[how]}
          {text && <span class="dim">: {text}</span>}
        </li>
      ))}
    </ul>
  );
}

function NoRows({ q, enabled, text }: { q: string; enabled: boolean; text: string | undefined }) {
  if (!enabled)
    return (
      <Empty title="Layer 2 is not enabled">
        <p>
          On a host that shares a segment with the nodes, Peerglass can observe which node answers ARP and NDP for the
          addresses of Services. Add these lines to its configuration and restart it:
        </p>
        <pre>
          <code>{'l2:\n  interfaces: auto\n  probe: 10s'}</code>
        </pre>
        <p>
          Probing needs CAP_NET_RAW. Without it, Peerglass reads the kernel's neighbor table, which lists only hosts
          that this host has talked to.
        </p>
      </Empty>
    );
  if (q !== '')
    return (
      <Empty title="No matching addresses">
        <p>
          No layer-2 address matches the filter. <To place={place('l2')}>Show all addresses</To>
        </p>
      </Empty>
    );
  return (
    <Empty title="No addresses on layer 2">
      <p>
        {text ??
          'No L2Advertisement selects a pool with an address in use, and no host answers for an address of a pool.'}
      </p>
      <p>
        For addresses announced over BGP, see <To place={place('checks')}>Checks</To>.
      </p>
    </Empty>
  );
}
