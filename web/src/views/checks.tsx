/** Checks: the verdict of every (prefix, session) pair. */
import { useMemo } from 'preact/hooks';
import type { Summary, Verdict } from '../../../src/api/schemas.ts';
import { useApp, useCommand, useModel } from '../app.ts';
import { parseFilter, toggleTerm } from '../filter.ts';
import { formatCount, plural } from '../format.ts';
import { usePages } from '../pages.ts';
import { Drawer } from '../parts/detail.tsx';
import { NodeLink, PrefixLink, ServiceLink, To } from '../parts/link.tsx';
import { Empty, Failure, Loading } from '../parts/notice.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { Ago } from '../parts/time.tsx';
import { VerdictBadge, VerdictGlyph } from '../parts/verdict.tsx';
import { formatSubject, parseSubject, place } from '../router.ts';
import { useThrottled } from '../throttle.ts';
import { headline, verdictMeaning, verdictOrder } from '../verdicts.ts';
import { checkVocabulary } from '../vocabularies.ts';
import './checks.css';

const pageSize = 250;
/** Minimum milliseconds between rereads while verdicts keep changing. */
const rereadInterval = 2_000;

const columns: readonly Column<Verdict>[] = [
  { title: 'Verdict', class: 'verdict', cell: (v) => <VerdictBadge verdict={v.verdict} /> },
  { title: 'Prefix', class: 'prefix', cell: (v) => <PrefixLink prefix={v.prefix} /> },
  {
    title: 'Node',
    class: 'node',
    cell: (v) => (v.node ? <NodeLink node={v.node} quiet /> : <span class="dim">not matched</span>),
  },
  { title: 'BGPPeer', class: 'peer', cell: (v) => v.bgpPeer ?? <span class="dim">none</span> },
  { title: 'Service', class: 'service', cell: (v) => <Services verdict={v} /> },
  {
    title: 'Reason',
    class: 'why',
    cell: (v) => (
      <span class="two-lines" title={v.reasonText}>
        {headline(v)}
      </span>
    ),
  },
  { title: 'Since', class: 'since', cell: (v) => <Ago at={v.since} /> },
];

export function Checks() {
  const { place: here, go, rest } = useApp();
  const filter = useMemo(() => parseFilter(here.q, checkVocabulary), [here.q]);
  const summary = useModel((model) => model.summary);
  const revision = useThrottled(
    useModel((model) => model.verdictRevision),
    rereadInterval,
  );
  const pages = usePages<Verdict>('/checks', { ...filter.query, limit: pageSize }, formatSubject, revision);
  useCommand('refresh', pages.again);
  const open = parseSubject(here.open);
  const picked = filter.query['verdict']?.split(',') ?? [];
  const close = () => go({ ...here, open: '' }, 'replace');
  return (
    <div class="with-drawer">
      <div class="list-view checks">
        <header>
          <h1>Checks</h1>
          <p class="dim" role="status">
            {pages.rows && plural(pages.rows.length, 'verdict')}
            {pages.more && ' and more'}
          </p>
          <p class="exports">
            <To place={place('overlay')}>Overlay rules</To>
            <a href={rest.url('/checks', { ...filter.query, format: 'csv', limit: 10_000 })}>CSV</a>
            <a href={rest.url('/checks', { ...filter.query, format: 'ndjson', limit: 10_000 })}>NDJSON</a>
          </p>
        </header>
        {summary && (
          <div class="facets">
            <fieldset aria-label="Verdict">
              {verdictOrder.map((word) => (
                <button
                  type="button"
                  key={word}
                  class={`v-${word}`}
                  aria-pressed={picked.includes(word)}
                  title={verdictMeaning[word]}
                  onClick={() => go({ ...here, q: toggleTerm(here.q, 'verdict', word, checkVocabulary), open: '' })}
                >
                  <VerdictGlyph verdict={word} /> {word} <span class="dim">{formatCount(summary.verdicts[word])}</span>
                </button>
              ))}
            </fieldset>
          </div>
        )}
        {pages.error && <Failure error={pages.error} again={pages.again} />}
        <Table
          caption="Verdicts"
          twoLines={!open}
          columns={columns}
          rows={pages.rows ?? []}
          rowKey={formatSubject}
          onOpen={(verdict) => go({ ...here, open: formatSubject(verdict) }, here.open === '' ? undefined : 'replace')}
          openKey={here.open || undefined}
          onEnd={pages.more ? pages.readMore : undefined}
          empty={pages.error ? null : pages.rows ? <NoChecks q={here.q} summary={summary} /> : <Loading />}
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

function NoChecks({ q, summary }: { q: string; summary: Summary | undefined }) {
  if (summary?.emptyText)
    return (
      <Empty title="Nothing to compare">
        <p>{summary.emptyText}</p>
      </Empty>
    );
  const allOk = q === 'verdict:!ok' && summary !== undefined && summary.verdicts.ok > 0;
  return (
    <Empty title={q === '' ? 'No verdicts' : allOk ? 'All routes are as expected' : 'No matching verdicts'}>
      <p>
        {q === '' ? (
          'No route is expected, and none was received.'
        ) : (
          <>
            No verdict matches the filter. <To place={place('checks')}>Show all checks</To>
          </>
        )}
      </p>
    </Empty>
  );
}

function Services({ verdict: { expected } }: { verdict: Verdict }) {
  const names = [...new Set(expected?.chain.map((link) => link.service))];
  if (names.length === 0) return <span class="dim">none</span>;
  return (
    <span title={names.join(', ')}>
      <ServiceLink service={names[0]!} quiet />
      {expected?.chainLeftOut !== undefined ? (
        <span class="dim"> and more</span>
      ) : (
        names.length > 1 && <span class="dim"> and {names.length - 1} more</span>
      )}
    </span>
  );
}
