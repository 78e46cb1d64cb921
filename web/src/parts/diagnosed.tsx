/** The overview's card of diagnoses: how many, how bad, and the worst by name. */
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
import './diagnosed.css';

/** Named here; the rest is one click away, and so is what is only good to know. */
const named = 4;
const urgent = 'critical,warning';

export function useDiagnosed(): Read<Page<Diagnosis>> {
  const revision = useModel((model) => model.status?.uptimeSeconds);
  return useRead<Page<Diagnosis>>('/diagnoses', { severity: urgent, limit: named }, revision);
}

export function Diagnosed({ read: { answer, error, again } }: { read: Read<Page<Diagnosis>> }) {
  const status = useModel((model) => model.status);
  const counts = status?.diagnoses ?? { critical: 0, warning: 0, info: 0 };
  const total = counts.critical + counts.warning;
  return (
    <section class="card diagnosed" aria-labelledby="diagnosed-title">
      <h2 id="diagnosed-title">
        Diagnoses <To place={place('diagnoses')}>all diagnoses</To>
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
            No known trouble. <To place={place('diagnoses')}>What is looked for</To>
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
      {total > named && <p class="dim more">and {plural(total - named, 'more', 'more')}</p>}
    </section>
  );
}

/** The narrowest thing that it is about. */
function whereOf({ service, prefix, node, bgpPeer, neighbor }: Diagnosis): string {
  const parts = [service, service === null && prefix, node, bgpPeer];
  const named = parts.filter(Boolean).join(', ');
  return named || (neighbor === null ? '' : `neighbor ${neighbor}`);
}
