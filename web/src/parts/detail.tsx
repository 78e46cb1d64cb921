/** Details of one (prefix, session) pair: verdict, compared attributes, chain and evidence. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Envelope, PrefixCell, PrefixView, Route, RuleRef, Verdict } from '../../../src/api/schemas.ts';
import { type Read, useApp, useFeed, useMessages, useNeighbors, useRead } from '../app.ts';
import { chainSteps } from '../chain.ts';
import { compareRoute } from '../compare.ts';
import { formatSubject, place, type Subject } from '../router.ts';
import { AgreementTable } from './agreement.tsx';
import { Chain } from './chain.tsx';
import { Compared } from './compared.tsx';
import { DrawerFrame, Section } from './drawer.tsx';
import { EvidenceList } from './evidence.tsx';
import { NeighborLink, NodeLink, To } from './link.tsx';
import { Failure, Loading } from './notice.tsx';
import { Ago } from './time.tsx';
import { VerdictBadge } from './verdict.tsx';
import './detail.css';

/** Reads one prefix over all neighbors, and rereads when the feed reports a change of it. */
export function usePrefix(prefix: string, id: string): Read<Envelope<PrefixView>> {
  const [revision, setRevision] = useState(0);
  useFeed({ id, filter: { prefix, match: 'exact' } });
  useMessages((messages) => {
    const isChanged = messages.some(
      (message) =>
        (message.type === 'route' && message.route.prefix === prefix) ||
        (message.type === 'verdict' && message.prefix === prefix),
    );
    if (isChanged) setRevision((n) => n + 1);
  });
  return useRead<Envelope<PrefixView>>(`/prefixes/${encodeURIComponent(prefix)}`, {}, revision);
}

/** The `must` rule of a cell; null for cells of sessions. */
const ruleOf = ({ verdict }: PrefixCell): string | null => verdict?.rule ?? null;

/** Whether `cell` belongs to `subject`: compares the rule or neighbor if set, otherwise node and BGPPeer. */
export function isCell(cell: PrefixCell, subject: Subject): boolean {
  if (ruleOf(cell) !== (subject.rule ?? null)) return false;
  if (subject.rule) return true;
  if (subject.neighbor !== null) return cell.neighbor?.id === subject.neighbor;
  return cell.node === subject.node && cell.bgpPeer === subject.bgpPeer;
}

export function cellSubject(prefix: string, cell: PrefixCell): Subject {
  return { prefix, neighbor: cell.neighbor?.id ?? null, node: cell.node, bgpPeer: cell.bgpPeer, rule: ruleOf(cell) };
}

/** The drawer with the details of one pair, next to the list. */
export function Drawer({ subject, onClose }: { subject: Subject; onClose: () => void }) {
  const read = usePrefix(subject.prefix, 'drawer');
  const cell = read.answer?.data.cells.find((candidate) => isCell(candidate, subject));
  return (
    <DrawerFrame title={subject.prefix} onClose={onClose}>
      {read.error && <Failure error={read.error} again={read.again} />}
      {read.loading && !read.answer && <Loading />}
      {read.answer && !cell && <p>No longer expected or received.</p>}
      {cell &&
        (ruleOf(cell) === null ? <Detail prefix={subject.prefix} cell={cell} /> : <RuleRow verdict={cell.verdict!} />)}
    </DrawerFrame>
  );
}

/** The row of a rule. It has no session, so it has no attributes to compare and no chain. */
function RuleRow({ verdict }: { verdict: Verdict }) {
  return (
    <>
      <p class="where">
        <VerdictBadge verdict={verdict.verdict} />
        <span>rule {verdict.rule}</span>
      </p>
      <Reason verdict={verdict} />
      <Section title="Evidence">
        <EvidenceList items={verdict.evidence} />
      </Section>
      <p class="more">
        <To place={place('prefix', { subject: verdict.prefix })}>Show prefix over all neighbors</To>
      </p>
    </>
  );
}

function Detail({ prefix, cell }: { prefix: string; cell: PrefixCell }) {
  const { rest } = useApp();
  const neighbors = useNeighbors();
  const { verdict, received } = cell;
  const neighbor = cell.neighbor ? neighbors?.get(cell.neighbor.id) : undefined;
  const route = received[0] ?? verdict?.received ?? null;
  return (
    <>
      <p class="where">
        {verdict && <VerdictBadge verdict={verdict.verdict} />}
        <span>{cell.node ? <NodeLink node={cell.node} /> : 'unknown node'}</span>
        {cell.bgpPeer && <span class="dim">{cell.bgpPeer}</span>}
        {cell.neighbor && <NeighborLink id={cell.neighbor.id}>{cell.neighbor.address}</NeighborLink>}
      </p>
      {verdict && <Reason verdict={verdict} />}
      <Section title="Expected, reported, received">
        <AgreementTable cell={cell} />
      </Section>
      <Section
        title={!cell.expected ? 'Received, not expected' : route ? 'Compared attributes' : 'Expected, not received'}
      >
        <Compared rows={compareRoute(cell.expected, route, verdict?.fields ?? [])} />
      </Section>
      {verdict?.expected && (
        <Section title="Why it is expected">
          <Chain steps={chainSteps(verdict, neighbor)} />
        </Section>
      )}
      {verdict && verdict.evidence.length > 0 && (
        <Section title="Evidence">
          <EvidenceList items={verdict.evidence} />
        </Section>
      )}
      {received.map((path) => (
        <Section key={path.pathId} title={received.length > 1 ? `Received, path ${path.pathId}` : 'Received route'}>
          <Wire route={path} />
        </Section>
      ))}
      <p class="more">
        <To place={place('prefix', { subject: prefix })}>Show prefix over all neighbors</To>
        <To
          place={place('explain', {
            open: formatSubject({ prefix, neighbor: null, node: cell.node, bgpPeer: cell.bgpPeer }),
          })}
        >
          Why?
        </To>
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
            , final <Ago at={verdict.deadline} />
          </>
        )}
      </p>
      {verdict.overlay && <RuleFacts rule={verdict.overlay} />}
    </div>
  );
}

/** The overlay rule that applies to the row, with its owner, reason and expiry. */
function RuleFacts({ rule: { id, rule, reason, owner, expires } }: { rule: RuleRef }) {
  return (
    <dl class="facts overlay-rule">
      <div>
        <dt>Overlay rule</dt>
        <dd>
          <To place={place('overlay', { open: id })} class="mono">
            {id}
          </To>{' '}
          <span class="dim">{rule}</span>
        </dd>
      </div>
      <div>
        <dt>Reason</dt>
        <dd>{reason}</dd>
      </div>
      <div>
        <dt>Owner</dt>
        <dd>{owner}</dd>
      </div>
      <div>
        <dt>Expires</dt>
        <dd>{expires === null ? 'never' : <Ago at={expires} />}</dd>
      </div>
    </dl>
  );
}

function Wire({ route }: { route: Route }) {
  const facts: [string, ComponentChildren][] = [
    ['First seen', <Ago key="first" at={route.firstSeenAt} />],
    ['Last changed', <Ago key="changed" at={route.lastChangedAt} />],
    ['Last received', <Ago key="received" at={route.receivedAt} />],
    ['BGP message', `seq ${route.seq}`],
  ];
  if (route.stale)
    facts.push([
      'Stale',
      route.staleUntil ? (
        <>
          kept from the previous session, removed <Ago at={route.staleUntil} />
        </>
      ) : (
        'kept from the previous session'
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
