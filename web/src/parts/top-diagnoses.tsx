/** The diagnoses card of the overview: counts by severity, and the worst diagnoses. */
import type { Diagnosis, Page } from '../../../src/api/schemas.ts';
import { type Read, useModel, useRead } from '../app.ts';
import { plural } from '../format.ts';
import { place } from '../router.ts';
import { severityOrder } from '../severity.ts';
import { diagnosisKey } from './diagnosis.tsx';
import { To } from './link.tsx';
import { Failure } from './notice.tsx';
import { SeverityBadge } from './severity.tsx';
import { Ago } from './time.tsx';
import './top-diagnoses.css';

/** Diagnoses shown; Diagnoses lists all. */
const maxShown = 4;
const urgent = 'critical,warning';

export function useTopDiagnoses(): Read<Page<Diagnosis>> {
  const revision = useModel((model) => model.status?.uptimeSeconds);
  return useRead<Page<Diagnosis>>('/diagnoses', { severity: urgent, limit: maxShown }, revision);
}

export function TopDiagnoses({ read: { answer, error, again } }: { read: Read<Page<Diagnosis>> }) {
  const status = useModel((model) => model.status);
  const counts = status?.diagnoses ?? { critical: 0, warning: 0, info: 0 };
  const total = counts.critical + counts.warning;
  return (
    <section class="card top-diagnoses" aria-labelledby="top-diagnoses-title">
      <h2 id="top-diagnoses-title">
        Diagnoses <To place={place('diagnoses')}>All diagnoses</To>
      </h2>
      {error && <Failure error={error} again={again} />}
      <p class="counts">
        {severityOrder.map((severity) =>
          counts[severity] === 0 ? null : (
            <To key={severity} item place={place('diagnoses', { q: `severity:${severity}` })} class="count-link">
              <strong>{counts[severity]}</strong> <SeverityBadge severity={severity} />
            </To>
          ),
        )}
        {answer?.data.length === 0 && (
          <span class="dim">
            No problems found. <To place={place('diagnoses')}>Known problems</To>
          </span>
        )}
      </p>
      {answer && answer.data.length > 0 && (
        <ul>
          {answer.data.map((diagnosis) => (
            <li key={diagnosisKey(diagnosis)}>
              <SeverityBadge severity={diagnosis.severity} />
              <p>
                <To item place={place('diagnoses', { q: `code:${diagnosis.code}` })} class="strong">
                  {diagnosis.title}
                </To>{' '}
                <span class="dim">{whereOf(diagnosis)}</span>
              </p>
              <span class="dim when">
                <Ago at={diagnosis.since} />
              </span>
            </li>
          ))}
        </ul>
      )}
      {total > maxShown && <p class="dim more">and {plural(total - maxShown, 'more', 'more')}</p>}
    </section>
  );
}

/** What the diagnosis is about, most specific first. */
function whereOf({ service, prefix, node, bgpPeer, neighbor }: Diagnosis): string {
  const parts = [service, service === null && prefix, node, bgpPeer];
  const named = parts.filter(Boolean).join(', ');
  return named || (neighbor === null ? '' : `neighbor ${neighbor}`);
}
