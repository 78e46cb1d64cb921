/** Layer 2: which node should answer for a Service's address, which the cluster says does, and who answers. */
import { useMemo } from 'preact/hooks';
import type { L2Row, L2Status } from '../../../src/api/schemas.ts';
import { useApp, useCommand, useModel } from '../app.ts';
import { parseFilter, toggleTerm } from '../filter.ts';
import { formatCount, plural } from '../format.ts';
import { usePages } from '../pages.ts';
import { Facets } from '../parts/facets.tsx';
import { L2Badge, L2Drawer, L2Glyph, Owner, Seen, ServiceName } from '../parts/l2.tsx';
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
  { title: 'Should', class: 'should', cell: (row) => <Owner owner={row.elected} none="nobody" /> },
  { title: 'Says', class: 'says', cell: (row) => <Owner owner={row.says} none="–" /> },
  { title: 'Is', class: 'is', cell: (row) => <Seen row={row} /> },
  { title: 'Why', class: 'why', cell: (row) => <span title={row.reasonText}>{row.reasonText}</span> },
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
            columns={columns}
            rows={pages.rows ?? []}
            rowKey={l2Key}
            onOpen={(row) => go({ ...here, open: l2Key(row) }, here.open === '' ? undefined : 'replace')}
            openKey={here.open || undefined}
            onEnd={pages.more ? pages.readMore : undefined}
            empty={
              pages.error && pages.error.status !== 404 ? null : (
                <NoRows q={here.q} watched={status?.l2 !== null} text={pages.emptyText} />
              )
            }
          />
        )}
        {pages.full && (
          <p class="dim">Only the first {formatCount(pages.rows?.length ?? 0)} are listed here; narrow the search.</p>
        )}
      </div>
      {open && <L2Drawer row={open} onClose={() => go({ ...here, open: '' }, 'replace')} />}
    </div>
  );
}

const listens: Readonly<Record<L2Status['interfaces'][number]['listens'], string>> = {
  'arp-and-ndp': 'hears ARP and NDP',
  'neighbor-table': "sees the kernel's neighbour table only",
  nothing: 'sees nothing',
};

/** What can be seen from here at all: a verdict is worth as much. */
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

function NoRows({ q, watched, text }: { q: string; watched: boolean; text: string | undefined }) {
  if (!watched)
    return (
      <Empty title="Layer 2 is not watched">
        <p>
          Peerglass can hear who answers ARP and NDP for the addresses of Services, where it shares a segment with the
          nodes. Three lines in its configuration let it, after a restart:
        </p>
        <pre>
          <code>{'l2:\n  interfaces: auto\n  probe: 10s'}</code>
        </pre>
        <p>
          Asking takes the capability NET_RAW; without it the kernel's neighbour table is read, which knows only whom
          this host spoke to.
        </p>
      </Empty>
    );
  if (q !== '')
    return (
      <Empty title="No address fits">
        <p>
          Nothing on layer 2 is in that state. <To place={place('l2')}>All addresses</To>
        </p>
      </Empty>
    );
  return (
    <Empty title="No address is announced on layer 2">
      <p>{text ?? 'No L2Advertisement applies to a pool that has an address in use, and nobody answers for one.'}</p>
      <p>
        What is announced by BGP is among the <To place={place('checks')}>checks</To>.
      </p>
    </Empty>
  );
}
