/** Diagnoses with their evidence and fix. */
import type { Diagnosis, Page } from '../../../src/api/schemas.ts';
import { useModel, useRead } from '../app.ts';
import { place } from '../router.ts';
import { useCapped } from './capped.tsx';
import { EvidenceList, ObjectList } from './evidence.tsx';
import { NeighborLink, NodeLink, PrefixLink, ServiceLink, To } from './link.tsx';
import { SeverityBadge } from './severity.tsx';
import { Ago } from './time.tsx';
import './diagnosis.css';

/** Diagnoses shown at first on the page of an object. */
const shownDiagnoses = 5;

export const diagnosisKey = (d: Diagnosis): string =>
  JSON.stringify([d.code, d.node, d.bgpPeer, d.neighbor, d.prefix, d.service, d.title]);

/** One diagnosis. `level`: heading level. */
export function DiagnosisItem({ diagnosis: d, level }: { diagnosis: Diagnosis; level: 2 | 3 }) {
  const Heading = `h${level}` as const;
  const evidenceCount = d.objects.length + d.evidence.length;
  return (
    <article class={`diagnosis s-${d.severity}`} data-item tabIndex={-1}>
      <SeverityBadge severity={d.severity} />
      <div>
        <Heading>{d.title}</Heading>
        <Subjects diagnosis={d} />
        <p>{d.text}</p>
        <p class="hint">
          <strong>Fix:</strong> {d.hint}
        </p>
        {evidenceCount > 0 && (
          <details>
            <summary>Evidence</summary>
            <ObjectList objects={d.objects} />
            <EvidenceList items={d.evidence} />
          </details>
        )}
      </div>
      <p class="when dim">
        <span>
          since <Ago at={d.since} />
        </span>
        <To place={place('diagnoses', { q: `code:${d.code}` })} title="All diagnoses with this code">
          <code>{d.code}</code>
        </To>
      </p>
    </article>
  );
}

/** Links to the objects that the diagnosis is about. */
function Subjects({ diagnosis: { node, bgpPeer, neighbor, prefix, service } }: { diagnosis: Diagnosis }) {
  const links = [
    service !== null && (
      <span key="service">
        <span class="dim">Service</span> <ServiceLink service={service} />
      </span>
    ),
    prefix !== null && (
      <span key="prefix">
        <span class="dim">prefix</span> <PrefixLink prefix={prefix} />
      </span>
    ),
    node !== null && (
      <span key="node">
        <span class="dim">node</span> <NodeLink node={node} />
      </span>
    ),
    bgpPeer !== null && (
      <span key="peer">
        <span class="dim">BGPPeer</span> {bgpPeer}
      </span>
    ),
    neighbor !== null && (
      <span key="neighbor">
        <span class="dim">neighbor</span> <NeighborLink id={neighbor}>{neighbor}</NeighborLink>
      </span>
    ),
  ].filter(Boolean);
  return links.length > 0 ? <p class="concerned">{links}</p> : null;
}

/** Selects the diagnoses of one node, neighbor, prefix or Service. */
export type About = { node: string } | { neighbor: number } | { prefix: string } | { service: string };

/** Reads the diagnoses of one object, and rereads with every status. */
export function useDiagnoses(about: About | undefined) {
  const revision = useModel((model) => model.status?.uptimeSeconds);
  return useRead<Page<Diagnosis>>(about && '/diagnoses', { ...about, limit: 100 }, revision);
}

/** The card with the diagnoses of one object; nothing if there are none. */
export function DiagnosesOf({ about, diagnoses }: { about: About; diagnoses: readonly Diagnosis[] | undefined }) {
  const [shown, more] = useCapped(diagnoses ?? [], shownDiagnoses, 'diagnosis', 'diagnoses');
  if (shown.length === 0) return null;
  const [[key, value]] = Object.entries(about) as [[string, string | number]];
  return (
    <section class="card diagnoses-of" aria-labelledby="diagnoses-title">
      <h2 id="diagnoses-title">
        Diagnoses <To place={place('diagnoses', { q: `${key}:${value}` })}>All of this object</To>
      </h2>
      {shown.map((diagnosis) => (
        <DiagnosisItem key={diagnosisKey(diagnosis)} diagnosis={diagnosis} level={3} />
      ))}
      {more}
    </section>
  );
}
