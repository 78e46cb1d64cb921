/** One (prefix, session) pair with everything that is known of it: verdict, attributes side by side, chain, evidence. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Envelope, Evidence, PrefixCell, PrefixView, Route, Verdict } from '../../../src/api/schemas.ts';
import { type Read, useApp, useCommand, useFeed, useMessages, useModel, useRead } from '../app.ts';
import { chainSteps, type Step } from '../chain.ts';
import { type ComparedRow, compareRoute, type Part } from '../compare.ts';
import { place, type Subject } from '../router.ts';
import { NeighborLink, To } from './link.tsx';
import { Failure, Loading } from './notice.tsx';
import { Ago } from './time.tsx';
import { VerdictBadge } from './verdict.tsx';
import './detail.css';

/** Reads one prefix over all neighbors, and again when the feed says that something about it changed. */
export function usePrefix(prefix: string, id: string): Read<Envelope<PrefixView>> {
  const [revision, setRevision] = useState(0);
  useFeed({ id, filter: { prefix, match: 'exact' } });
  useMessages((messages) => {
    const touched = messages.some(
      (message) =>
        (message.type === 'route' && message.route.prefix === prefix) ||
        (message.type === 'verdict' && message.prefix === prefix),
    );
    if (touched) setRevision((n) => n + 1);
  });
  return useRead<Envelope<PrefixView>>(`/prefixes/${encodeURIComponent(prefix)}`, {}, revision);
}

/** Whether `cell` is the one that `subject` means: by neighbor where there is one, else by node and BGPPeer. */
export function isCell(cell: PrefixCell, subject: Subject): boolean {
  if (subject.neighbor !== null) return cell.neighbor?.id === subject.neighbor;
  return cell.node === subject.node && cell.bgpPeer === subject.bgpPeer;
}

export function cellSubject(prefix: string, cell: PrefixCell): Subject {
  return { prefix, neighbor: cell.neighbor?.id ?? null, node: cell.node, bgpPeer: cell.bgpPeer };
}

/** The drawer at the right. Esc closes it, and the focus goes back to where it was. */
export function Drawer({ subject, onClose }: { subject: Subject; onClose: () => void }) {
  const read = usePrefix(subject.prefix, 'drawer');
  const drawer = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    const element = drawer.current;
    heading.current?.focus();
    return () => {
      // whoever went on with j and k is on a row already
      if (element?.contains(document.activeElement) || document.activeElement === document.body) before?.focus();
    };
  }, []);
  useCommand('close', onClose);

  const cell = read.answer?.data.cells.find((candidate) => isCell(candidate, subject));
  return (
    <aside class="drawer" aria-labelledby="drawer-title" ref={drawer}>
      <header>
        <h2 id="drawer-title" class="mono" ref={heading} tabIndex={-1}>
          {subject.prefix}
        </h2>
        <button type="button" class="icon" aria-label="Close" title="Close (Esc)" onClick={onClose}>
          ×
        </button>
      </header>
      {read.error && <Failure error={read.error} again={read.again} />}
      {read.loading && !read.answer && <Loading />}
      {read.answer && !cell && <p>Neither expected nor received any more.</p>}
      {cell && <Detail prefix={subject.prefix} cell={cell} />}
    </aside>
  );
}

function Detail({ prefix, cell }: { prefix: string; cell: PrefixCell }) {
  const { rest } = useApp();
  const neighbors = useModel((model) => model.neighbors);
  const { verdict, received } = cell;
  const neighbor = cell.neighbor ? neighbors?.get(cell.neighbor.id) : undefined;
  const there = received[0] ?? verdict?.received ?? null;
  return (
    <>
      <p class="where">
        {verdict && <VerdictBadge verdict={verdict.verdict} />}
        <span>{cell.node ?? 'node not known'}</span>
        {cell.bgpPeer && <span class="dim">{cell.bgpPeer}</span>}
        {cell.neighbor && <NeighborLink id={cell.neighbor.id}>{cell.neighbor.address}</NeighborLink>}
      </p>
      {verdict && <Reason verdict={verdict} />}
      <Section
        title={!cell.expected ? 'Received, not expected' : there ? 'Expected and received' : 'Expected, not received'}
      >
        <Compared rows={compareRoute(cell.expected, there, verdict?.fields ?? [])} />
      </Section>
      {verdict && <Chain steps={chainSteps(verdict, neighbor)} />}
      {verdict && verdict.evidence.length > 0 && (
        <Section title="Evidence">
          <ul class="evidence">
            {verdict.evidence.map((item) => (
              <EvidenceItem key={`${item.kind} ${item.ref}`} item={item} />
            ))}
          </ul>
        </Section>
      )}
      {received.map((path) => (
        <Section key={path.pathId} title={received.length > 1 ? `Received, path ${path.pathId}` : 'On the wire'}>
          <Wire route={path} />
        </Section>
      ))}
      <p class="more">
        <To place={place('prefix', { subject: prefix })}>This prefix over all neighbors</To>
        <a href={rest.url(`/prefixes/${encodeURIComponent(prefix)}`)} target="_blank" rel="noreferrer">
          JSON
        </a>
      </p>
    </>
  );
}

function Reason({ verdict }: { verdict: Verdict }) {
  return (
    <div class="reason">
      <p>{verdict.reasonText}</p>
      <p class="dim">
        <code>{verdict.reasonCode}</code> since <Ago at={verdict.since} />
        {verdict.deadline && (
          <>
            , decided <Ago at={verdict.deadline} />
          </>
        )}
      </p>
    </div>
  );
}

function Section({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

/** Both sides where there are two; a side without a route has no column. */
function Compared({ rows }: { rows: readonly ComparedRow[] }) {
  const isExpected = rows.some((row) => row.expected);
  const isReceived = rows.some((row) => row.received);
  return (
    <table class="compared">
      <thead>
        <tr>
          <th scope="col">
            <span class="visually-hidden">Attribute</span>
          </th>
          {isExpected && <th scope="col">Expected</th>}
          {isReceived && <th scope="col">Received</th>}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.field} class={row.differs ? 'differs' : ''}>
            <th scope="row">
              {row.label}
              {row.differs && <span class="mark">differs</span>}
            </th>
            {isExpected && (
              <td>
                <Parts parts={row.expected} sign="−" says="not received" />
              </td>
            )}
            {isReceived && (
              <td>
                <Parts parts={row.received} sign="+" says="not expected" />
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Parts({ parts, sign, says }: { parts: Part[] | null; sign: string; says: string }) {
  return (
    <>
      {parts?.map(({ text, only }) => (
        <span key={text} class={`part mono${only ? ' only' : ''}`} title={only ? says : undefined}>
          {only && <span aria-hidden="true">{sign} </span>}
          {text}
          {only && <span class="visually-hidden"> ({says})</span>}
        </span>
      ))}
    </>
  );
}

function Chain({ steps }: { steps: readonly Step[][] }) {
  if (steps.length === 0) return null;
  return (
    <Section title="Why it is expected">
      {steps.map((chain, i) => (
        <ol key={i} class="chain">
          {chain.map((step) => (
            <li key={step.kind} class={step.state}>
              <span class="kind">{step.kind}</span>
              <span class="names mono">{step.names.join(', ')}</span>
              <span class="note">
                {step.note && <span>{step.note}</span>}
                {step.source && <code title={step.source}>{step.source.replace(/^.*\//, '')}</code>}
                {step.state === 'broken' && <strong> it breaks here</strong>}
              </span>
            </li>
          ))}
        </ol>
      ))}
    </Section>
  );
}

const evidenceKinds: Readonly<Record<Evidence['kind'], string>> = {
  object: 'Object',
  message: 'Message',
  session: 'Session',
  time: 'Time',
};

function EvidenceItem({ item }: { item: Evidence }) {
  return (
    <li>
      <span class="kind">{evidenceKinds[item.kind]}</span>
      <span>
        <span class="mono">
          {item.kind === 'time' ? <Ago at={item.ref} /> : item.kind === 'message' ? `seq ${item.ref}` : item.ref}
        </span>
        {item.text && <span class="dim"> {item.text}</span>}
      </span>
    </li>
  );
}

function Wire({ route }: { route: Route }) {
  const facts: [string, ComponentChildren][] = [
    ['First seen', <Ago key="first" at={route.firstSeenAt} />],
    ['Last changed', <Ago key="changed" at={route.lastChangedAt} />],
    ['Last received', <Ago key="received" at={route.receivedAt} />],
    ['Message', `seq ${route.seq}`],
  ];
  if (route.stale)
    facts.push([
      'Stale',
      route.staleUntil ? (
        <>
          kept from before, dropped <Ago at={route.staleUntil} />
        </>
      ) : (
        'kept from before'
      ),
    ]);
  if (route.extCommunities.length > 0) facts.push(['Extended communities', route.extCommunities.join(' ')]);
  if (route.otc !== null) facts.push(['Only to customer', String(route.otc)]);
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
