/** Shared parts of the views of Services, Nodes, pools and advertisements. */
import type { ComponentChildren } from 'preact';
import type { Lint, NotAnnounced, ObjectRef, Refusal, Verdict } from '../../../src/api/schemas.ts';
import type { RequestError } from '../client.ts';
import { plural } from '../format.ts';
import { objectSource } from '../objects.ts';
import { formatSubject, place } from '../router.ts';
import { headline, verdictOrder } from '../verdicts.ts';
import { useCapped } from './capped.tsx';
import { NodeLink, To } from './link.tsx';
import { NotAnnouncedList } from './not-announced.tsx';
import { Banner, Empty, Failure } from './notice.tsx';
import { Ago } from './time.tsx';
import { VerdictBadge } from './verdict.tsx';
import './object.css';

/** Verdicts shown at first. */
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

/** Why the object cannot be shown: it does not exist, or the request failed. */
export function Unreadable({ error, again }: { error: RequestError; again: () => void }) {
  if (error.status !== 404) return <Failure error={error} again={again} />;
  return (
    <div class="card">
      <Empty title="Object not found">
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

/** Comma-separated links, or `none`. */
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

/** Verdicts, worst first, with links to Checks. */
export function RouteTable({ verdicts, node = true }: { verdicts: readonly Verdict[]; node?: boolean }) {
  const ordered = verdicts.toSorted((a, b) => verdictOrder.indexOf(a.verdict) - verdictOrder.indexOf(b.verdict));
  const [shown, more] = useCapped(ordered, shownRoutes, 'route');
  return (
    <>
      <table class="plain route-table">
        <thead>
          <tr>
            {['Verdict', 'Prefix', ...(node ? ['Node'] : []), 'BGPPeer', 'Reason', 'Since'].map((title) => (
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

export function NotAnnouncedCard({ rows, by }: { rows: readonly NotAnnounced[]; by: 'node' | 'service' | 'both' }) {
  if (rows.length === 0) return null;
  return (
    <Card id="not-announced" title={by === 'service' ? 'Services not announced by this node' : 'Not announced'}>
      <NotAnnouncedList rows={rows} by={by} />
    </Card>
  );
}

/** Rejected objects and lint warnings, each with the object and its path. */
export function ObjectWarnings({ refusals, lint }: { refusals: readonly Refusal[]; lint: readonly Lint[] }) {
  return (
    <>
      {refusals.map(({ stage, object, error, effect, nodes }, i) => (
        <Banner key={`${stage} ${i}`} tone="bad" title={`Rejected (${stage}):`}>
          {object.kind} {object.name}: {error}. {effect}
          {nodes.length > 0 && <> Nodes with an earlier configuration in effect: {shortList(nodes)}.</>}
        </Banner>
      ))}
      {lint.length > 0 && (
        <Banner tone="warn" title={`${plural(lint.length, 'warning')}:`}>
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
    <Banner tone="info" title="Incomplete:">
      a list on this page is cut. <To place={place('checks')}>Checks</To> lists all verdicts.
    </Banner>
  );
}

/** At most six names for a sentence. */
function shortList(names: readonly string[]): string {
  return names.length <= 6
    ? names.join(', ')
    : `${names.slice(0, 5).join(', ')} and ${plural(names.length - 5, 'more', 'more')}`;
}
