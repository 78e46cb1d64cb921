/** What is not announced, and why: MetalLB's word for it, and a sentence for each node. */
import type { NotAnnounced } from '../../../src/api/schemas.ts';
import { type Absence, groupAbsences } from '../absences.ts';
import { plural } from '../format.ts';
import { useCapped } from './capped.tsx';
import { NodeLink, ServiceLink } from './link.tsx';
import './absences.css';

/** Sentences shown at once for one reason. */
const shownRows = 6;

/** `by`: what tells the rows apart; the other one is what the page is about. */
export function Absences({ rows, by }: { rows: readonly NotAnnounced[]; by: 'node' | 'service' | 'both' }) {
  return (
    <ul class="absences">
      {groupAbsences(rows).map((absence) => (
        <Reason key={absence.reason} absence={absence} by={by} />
      ))}
    </ul>
  );
}

function Reason({ absence: { reason, rows }, by }: { absence: Absence; by: 'node' | 'service' | 'both' }) {
  const [shown, more] = useCapped(rows, shownRows, 'sentence');
  const nodes = new Set(rows.map(({ node }) => node)).size;
  const services = new Set(rows.map(({ service }) => service)).size;
  const count = by === 'service' ? plural(services, 'Service') : plural(nodes, 'node');
  return (
    <li>
      <p class="reason-word">
        <code>{reason}</code>{' '}
        <span class="dim">{by === 'both' ? `${count}, ${plural(services, 'Service')}` : count}</span>
      </p>
      <div>
        <ul>
          {shown.map(({ node, service, text }) => (
            <li key={`${node} ${service}`}>
              <span class="who">
                {by !== 'service' && <NodeLink node={node} />} {by !== 'node' && <ServiceLink service={service} />}
              </span>
              <span>{text}</span>
            </li>
          ))}
        </ul>
        {more}
      </div>
    </li>
  );
}
