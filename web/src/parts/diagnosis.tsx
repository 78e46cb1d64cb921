/** Diagnoses: what is so, what to do about it, and whom it concerns. */
import type { Diagnosis, Page } from '../../../src/api/schemas.ts';
import { useModel, useRead } from '../app.ts';
import { place } from '../router.ts';
import { useCapped } from './capped.tsx';
import { EvidenceList, ObjectList } from './evidence.tsx';
import { NeighborLink, NodeLink, PrefixLink, ServiceLink, To } from './link.tsx';
import { SeverityBadge } from './severity.tsx';
import { Ago } from './time.tsx';
import './diagnosis.css';

/** Diagnoses on the page of what they concern; the rest is one click away. */
const shownOf = 5;

export const diagnosisKey = (d: Diagnosis): string =>
  JSON.stringify([d.code, d.node, d.bgpPeer, d.neighbor, d.prefix, d.service, d.title]);

/** One of them, whole. `level`: of its heading. */
export function DiagnosisItem({ diagnosis: d, level }: { diagnosis: Diagnosis; level: 2 | 3 }) {
  const Heading = `h${level}` as const;
  const basis = d.objects.length + d.evidence.length;
  return (
    <article class={`diagnosis s-${d.severity}`} data-item tabIndex={-1}>
      <SeverityBadge severity={d.severity} />
      <div>
        <Heading>{d.title}</Heading>
        <Concerned diagnosis={d} />
        <p>{d.text}</p>
        <p class="hint">
          <strong>What to do:</strong> {d.hint}
        </p>
        {basis > 0 && (
          <details>
            <summary>What this rests on</summary>
            <ObjectList objects={d.objects} />
            <EvidenceList items={d.evidence} />
          </details>
        )}
      </div>
      <p class="when dim">
        <span>
          since <Ago at={d.since} />
        </span>
        <To place={place('diagnoses', { q: `code:${d.code}` })} title="All that this check found">
          <code>{d.code}</code>
        </To>
      </p>
    </article>
  );
}

/** Links to whatever it is about. */
function Concerned({ diagnosis: { node, bgpPeer, neighbor, prefix, service } }: { diagnosis: Diagnosis }) {
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

/** Which diagnoses: those of one node, neighbor, prefix or service. */
export type About = { node: string } | { neighbor: number } | { prefix: string } | { service: string };

/** What the diagnoses say of one thing. Read again at every look at the collector's health. */
export function useDiagnoses(about: About | undefined) {
  const revision = useModel((model) => model.status?.uptimeSeconds);
  return useRead<Page<Diagnosis>>(about && '/diagnoses', { ...about, limit: 100 }, revision);
}

/** Nothing where there are none: a page about a healthy thing does not speak of troubles. */
export function DiagnosesOf({ about, diagnoses }: { about: About; diagnoses: readonly Diagnosis[] | undefined }) {
  const [shown, more] = useCapped(diagnoses ?? [], shownOf, 'diagnosis', 'diagnoses');
  if (shown.length === 0) return null;
  const [[key, value]] = Object.entries(about) as [[string, string | number]];
  return (
    <section class="card diagnoses-of" aria-labelledby="diagnoses-title">
      <h2 id="diagnoses-title">
        Diagnoses <To place={place('diagnoses', { q: `${key}:${value}` })}>all of them</To>
      </h2>
      {shown.map((diagnosis) => (
        <DiagnosisItem key={diagnosisKey(diagnosis)} diagnosis={diagnosis} level={3} />
      ))}
      {more}
    </section>
  );
}
