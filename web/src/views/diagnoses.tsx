/** Diagnoses: known problems found in the data, worst first, each with a fix. */
import { useMemo } from 'preact/hooks';
import type { Diagnosis, DiagnosisCatalog, DiagnosisCatalogRow, Envelope, Facet } from '../../../src/api/schemas.ts';
import { useApp, useCommand, useModel, useRead } from '../app.ts';
import { parseFilter, toggleTerm } from '../filter.ts';
import { formatCount, plural } from '../format.ts';
import { usePages } from '../pages.ts';
import { DiagnosisItem, diagnosisKey } from '../parts/diagnosis.tsx';
import { Facets } from '../parts/facets.tsx';
import { To } from '../parts/link.tsx';
import { Empty, Failure, Loading } from '../parts/notice.tsx';
import { SeverityBadge, SeveritySign } from '../parts/severity.tsx';
import { place } from '../router.ts';
import { severityOrder } from '../severity.ts';
import { useThrottled } from '../throttle.ts';
import { diagnosisVocabulary } from '../vocabularies.ts';
import './diagnoses.css';

/** Rows per request. */
const pageSize = 100;
/** Milliseconds between rereads: long enough to read the texts. */
const rereadInterval = 10_000;

export function Diagnoses() {
  const { place: here, go, rest } = useApp();
  const filter = useMemo(() => parseFilter(here.q, diagnosisVocabulary), [here.q]);
  const revision = useThrottled(
    useModel((model) => model.status?.uptimeSeconds),
    rereadInterval,
  );
  const query = { ...filter.query, limit: pageSize, facets: 'severity,code,node' };
  const pages = usePages<Diagnosis>('/diagnoses', query, diagnosisKey, revision);
  const catalog = useRead<Envelope<DiagnosisCatalog>>('/diagnoses/catalog', {}, revision);
  useCommand('refresh', pages.again);
  const checks = catalog.answer?.data.checks;
  return (
    <div class="list-view diagnoses">
      <header>
        <h1>Diagnoses</h1>
        <p class="dim" role="status">
          {pages.rows && plural(pages.rows.length, 'diagnosis', 'diagnoses')}
          {(pages.more || pages.full) && ' and more'}
        </p>
        <p class="exports">
          <a href={rest.url('/diagnoses', { ...filter.query, format: 'csv', limit: 10_000 })}>CSV</a>
          <a href={rest.url('/diagnoses', { ...filter.query, format: 'ndjson', limit: 10_000 })}>NDJSON</a>
        </p>
      </header>
      {pages.facets && (
        <Facets
          facets={ordered(pages.facets)}
          keys={['severity', 'code', 'node']}
          picked={filter.query}
          onPick={(key, value) => go({ ...here, q: toggleTerm(here.q, key, value, diagnosisVocabulary) })}
          mark={(key, value) => {
            const severity = key === 'severity' ? severityOrder.find((word) => word === value) : undefined;
            return severity && { class: `s-${severity}`, glyph: <SeveritySign severity={severity} /> };
          }}
        />
      )}
      {pages.error && <Failure error={pages.error} again={pages.again} />}
      {!pages.rows && !pages.error && <Loading />}
      <div class="diagnosis-list">
        {pages.rows?.length === 0 && (
          <div class="card">
            <Empty title={here.q === '' ? 'No problems found' : 'No matching diagnoses'}>
              {here.q === '' ? (
                <p>{nothingFound(catalog.answer?.data)}</p>
              ) : (
                <p>
                  No diagnosis matches the filter. <To place={place('diagnoses')}>Show all diagnoses</To>
                </p>
              )}
            </Empty>
          </div>
        )}
        {pages.rows && pages.rows.length > 0 && (
          <div class="card">
            {pages.rows.map((diagnosis) => (
              <DiagnosisItem key={diagnosisKey(diagnosis)} diagnosis={diagnosis} level={2} />
            ))}
            {pages.more && (
              <p>
                <button type="button" class="link" onClick={pages.readMore}>
                  Show more
                </button>
              </p>
            )}
          </div>
        )}
        {pages.rows && checks && <Catalog checks={checks} open={pages.rows.length === 0 && here.q === ''} />}
      </div>
    </div>
  );
}

/** Orders severities by severity instead of count. */
function ordered(facets: Record<string, Facet>): Record<string, Facet> {
  const severity = facets['severity'];
  if (!severity) return facets;
  const values = severityOrder.flatMap((word) => severity.values.filter(({ value }) => value === word));
  return { ...facets, severity: { ...severity, values } };
}

/** States how far “no problems found” can be trusted. */
function nothingFound(catalog: DiagnosisCatalog | undefined): string {
  if (!catalog) return 'Loading the list of checks.';
  if (catalog.evaluatedAt === null) return 'The first evaluation is still running.';
  return (
    `${plural(catalog.checks.length, 'check runs', 'checks run')} continuously; the list is below. A source that ` +
    'Peerglass cannot read, or a session that is down, can hide a problem.'
  );
}

/** The known problems that Peerglass looks for. */
function Catalog({ checks, open }: { checks: readonly DiagnosisCatalogRow[]; open: boolean }) {
  return (
    <details class="card catalog" open={open}>
      <summary>Known problems: {plural(checks.length, 'check')}</summary>
      <ul>
        {checks.map(({ code, title, looksFor, severity, found, notListed }) => (
          <li key={code}>
            <SeverityBadge severity={severity} />
            <div>
              <strong>{title}</strong>{' '}
              {found > 0 && <To place={place('diagnoses', { q: `code:${code}` })}>{formatCount(found)} found</To>}
              {notListed > 0 && <span class="dim">, {formatCount(notListed)} not listed</span>}
              <p class="dim">{looksFor}</p>
            </div>
            <code>{code}</code>
          </li>
        ))}
      </ul>
    </details>
  );
}
