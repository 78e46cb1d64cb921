/** What the pages of Services, Nodes, pools and advertisements have in common. */
import type { ComponentChildren } from 'preact';
import type { Lint, NotAnnounced, ObjectRef, Refusal, Verdict } from '../../../src/api/schemas.ts';
import type { RequestError } from '../client.ts';
import { plural } from '../format.ts';
import { objectSource } from '../objects.ts';
import { formatSubject, place } from '../router.ts';
import { headline, verdictOrder } from '../verdicts.ts';
import { Absences } from './absences.tsx';
import { useCapped } from './capped.tsx';
import { NodeLink, To } from './link.tsx';
import { Banner, Empty, Failure } from './notice.tsx';
import { Ago } from './time.tsx';
import { VerdictBadge } from './verdict.tsx';
import './object.css';

/** Verdicts listed at once. */
const shownRoutes = 20;

export function ObjectHeader({
  object,
  title,
  children,
}: {
  object: ObjectRef;
  title: string;
  children?: ComponentChildren;
}) {
  const source = objectSource(object);
  return (
    <header>
      <h1>
        <span class="kind">{object.kind}</span> {title}
      </h1>
      {children}
      {source && <code>{source}</code>}
    </header>
  );
}

/** Why there is nothing to show: no such object, which the collector says with what there is, or a failure. */
export function Unreadable({ error, again }: { error: RequestError; again: () => void }) {
  if (error.status !== 404) return <Failure error={error} again={again} />;
  return (
    <div class="card">
      <Empty title="There is no such object">
        <p>{error.message.replace(/[^.…?]$/, '$&.')}</p>
      </Empty>
    </div>
  );
}

export function Card({
  id,
  title,
  more,
  children,
}: {
  id: string;
  title: string;
  more?: ComponentChildren;
  children: ComponentChildren;
}) {
  return (
    <section class="card" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>
        {title} {more}
      </h2>
      {children}
    </section>
  );
}

export function Facts({ rows }: { rows: readonly (readonly [name: string, value: ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Links with commas between them, or `none`. */
export function Links({ items, none = 'none' }: { items: readonly ComponentChildren[]; none?: string }) {
  if (items.length === 0) return <span class="dim">{none}</span>;
  return (
    <>
      {items.map((item, i) => (
        <span key={i}>
          {i > 0 && ', '}
          {item}
        </span>
      ))}
    </>
  );
}

/** Verdicts, the worst first; each opens among the checks. */
export function RouteTable({ verdicts, node = true }: { verdicts: readonly Verdict[]; node?: boolean }) {
  const ordered = verdicts.toSorted((a, b) => verdictOrder.indexOf(a.verdict) - verdictOrder.indexOf(b.verdict));
  const [shown, more] = useCapped(ordered, shownRoutes, 'route');
  return (
    <>
      <table class="plain route-table">
        <thead>
          <tr>
            {['Verdict', 'Prefix', ...(node ? ['Node'] : []), 'BGPPeer', 'Why', 'Since'].map((title) => (
              <th scope="col" key={title}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((verdict) => (
            <tr key={formatSubject(verdict)}>
              <td>
                <VerdictBadge verdict={verdict.verdict} />
              </td>
              <td>
                <To
                  item
                  class="mono strong"
                  place={place('checks', { q: `prefix:${verdict.prefix}`, open: formatSubject(verdict) })}
                >
                  {verdict.prefix}
                </To>
              </td>
              {node && (
                <td>{verdict.node ? <NodeLink node={verdict.node} /> : <span class="dim">not matched</span>}</td>
              )}
              <td>{verdict.bgpPeer ?? <span class="dim">none</span>}</td>
              <td class="wrap">{headline(verdict)}</td>
              <td class="dim">
                <Ago at={verdict.since} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {more}
    </>
  );
}

export function AbsencesCard({ rows, by }: { rows: readonly NotAnnounced[]; by: 'node' | 'service' | 'both' }) {
  if (rows.length === 0) return null;
  return (
    <Card id="absences" title={by === 'service' ? 'Not announced by it, and why' : 'Not announced, and why'}>
      <Absences rows={rows} by={by} />
    </Card>
  );
}

/** What stages refuse, and what lint says: each with the object and the path. */
export function Complaints({ refusals, lint }: { refusals: readonly Refusal[]; lint: readonly Lint[] }) {
  return (
    <>
      {refusals.map(({ stage, object, error, effect, nodes }, i) => (
        <Banner key={`${stage} ${i}`} tone="bad" title={`Refused (${stage}):`}>
          {object.kind} {object.name}: {error}. {effect}
          {nodes.length > 0 && <> Nodes that keep an earlier configuration: {shortList(nodes)}.</>}
        </Banner>
      ))}
      {lint.length > 0 && (
        <Banner tone="warn" title={`${plural(lint.length, 'remark')}:`}>
          <ul>
            {lint.map(({ object, path, message, hint }, i) => (
              <li key={`${path} ${i}`}>
                {object.kind} {object.name} <code>{path}</code> {message}
                {hint && <span class="dim"> {hint}</span>}
              </li>
            ))}
          </ul>
        </Banner>
      )}
    </>
  );
}

export function Truncated({ shown }: { shown: boolean }) {
  if (!shown) return null;
  return (
    <Banner tone="info" title="Not all of it:">
      a list here is longer than what is shown; <To place={place('checks')}>the checks</To> have all of it.
    </Banner>
  );
}

/** Names that a sentence can hold. */
function shortList(names: readonly string[]): string {
  return names.length <= 6
    ? names.join(', ')
    : `${names.slice(0, 5).join(', ')} and ${plural(names.length - 5, 'more', 'more')}`;
}
