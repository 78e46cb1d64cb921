/** Services that nodes do not announce, grouped by MetalLB's reason code. */
import type { NotAnnounced } from '../../../src/api/schemas.ts';
import { plural } from '../format.ts';
import { groupNotAnnounced, type NotAnnouncedGroup } from '../not-announced.ts';
import { useCapped } from './capped.tsx';
import { NodeLink, ServiceLink } from './link.tsx';
import './not-announced.css';

/** Rows shown at first for one reason. */
const shownRows = 6;

/** `by`: which names the rows show; the page is about the other one. */
export function NotAnnouncedList({ rows, by }: { rows: readonly NotAnnounced[]; by: 'node' | 'service' | 'both' }) {
  return (
    <ul class="not-announced">
      {groupNotAnnounced(rows).map((group) => (
        <Reason key={group.reason} group={group} by={by} />
      ))}
    </ul>
  );
}

function Reason({ group: { reason, rows }, by }: { group: NotAnnouncedGroup; by: 'node' | 'service' | 'both' }) {
  const [shown, more] = useCapped(rows, shownRows, 'row');
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
