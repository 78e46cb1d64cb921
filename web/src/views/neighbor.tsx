/** One neighbor: its session, capabilities and events. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type {
  Envelope,
  NeighborCapabilities,
  NeighborEvent,
  Neighbor as NeighborJson,
  Page,
} from '../../../src/api/schemas.ts';
import { useApp, useCommand, useMessages, useModel, useRead } from '../app.ts';
import { formatCount, parseTime, plural } from '../format.ts';
import { DiagnosesOf, useDiagnoses } from '../parts/diagnosis.tsx';
import { NodeLink, To } from '../parts/link.tsx';
import { Banner, Failure, Loading } from '../parts/notice.tsx';
import { StateBadge } from '../parts/state.tsx';
import { Ago, Since } from '../parts/time.tsx';
import { emptyTableHint, hasEmptyTable } from '../peering.ts';
import { place } from '../router.ts';
import './neighbor.css';

/** Events shown; the JSON link returns more. */
const shownEvents = 200;

export function Neighbor() {
  const { place: here, go } = useApp();
  const path = `/neighbors/${encodeURIComponent(here.subject)}`;
  const id = Number(here.subject);
  const [changes, setChanges] = useState(0);
  useMessages((messages) => {
    if (messages.some((message) => message.type === 'session' && message.id === id)) setChanges((n) => n + 1);
  });
  const refreshedAt = useModel((model) => model.status?.uptimeSeconds);
  const { answer, error, again } = useRead<Envelope<NeighborJson>>(path, {}, `${refreshedAt} ${changes}`);
  useCommand('close', () => go(place('neighbors')));
  const about = { neighbor: id };
  const diagnoses = useDiagnoses(about);
  const neighbor = diagnoses.loading ? undefined : answer?.data;
  return (
    <div class="neighbor">
      <p class="crumb">
        <To place={place('neighbors')}>Neighbors</To>
      </p>
      {error && <Failure error={error} again={again} />}
      {!neighbor && !error && <Loading />}
      {neighbor && (
        <>
          <header>
            <h1 class="mono">{neighbor.address}</h1>
            <StateBadge neighbor={neighbor} />
            <span class="dim">
              {parseTime(neighbor.stateSince) === null ? (
                'no session yet'
              ) : (
                <>
                  for <Since at={neighbor.stateSince} />
                </>
              )}
            </span>
            <To place={place('routes', { q: `neighbor:${neighbor.id}` })} class="button">
              {plural(neighbor.routes.ipv4 + neighbor.routes.ipv6, 'route')}
            </To>
            {neighbor.node && (
              <To place={place('checks', { q: `neighbor:${neighbor.id}` })} class="button">
                Checks
              </To>
            )}
          </header>
          <Warnings neighbor={neighbor} />
          <DiagnosesOf about={about} diagnoses={diagnoses.answer?.data} />
          <div class="columns">
            <Facts neighbor={neighbor} />
            <Capabilities path={path} revision={neighbor.session} />
          </div>
          <Events
            path={path}
            revision={`${neighbor.stateSince} ${neighbor.counters.malformed} ${neighbor.counters.refused}`}
          />
        </>
      )}
    </div>
  );
}

function Warnings({ neighbor }: { neighbor: NeighborJson }) {
  const { established, lastDown, routes, staleUntil, auth } = neighbor;
  return (
    <>
      {!established && lastDown && (
        <Banner tone="bad" title="Down:">
          {lastDown.text} <code>{lastDown.code}</code> <Ago at={lastDown.at} />
          {lastDown.direction !== 'local' && <>, NOTIFICATION {lastDown.direction}</>}
          {lastDown.notification && (
            <>
              {' '}
              ({lastDown.notification.code}/{lastDown.notification.subcode})
            </>
          )}
          .
        </Banner>
      )}
      {hasEmptyTable(neighbor) && (
        <Banner tone="info" title="No routes received:">
          the session is up, and its initial table is empty. {emptyTableHint(neighbor)}
        </Banner>
      )}
      {routes.stale > 0 && (
        <Banner tone="warn" title={plural(routes.stale, 'stale route')}>
          kept from the previous session
          {staleUntil && (
            <>
              , removed <Ago at={staleUntil} />
            </>
          )}
          .
        </Banner>
      )}
      {auth === 'unsupported' && (
        <Banner tone="warn" title="Not authenticated:">
          this operating system does not support TCP MD5.
        </Banner>
      )}
    </>
  );
}

function Facts({ neighbor: n }: { neighbor: NeighborJson }) {
  const missing = <span class="dim">–</span>;
  const rows: [string, ComponentChildren][] = [
    ['Node', n.node ? <NodeLink key="n" node={n.node} /> : missing],
    ['BGPPeer', n.bgpPeer ?? missing],
    ['Match', <span key="m">{n.matchText}</span>],
    ['Local address', <span key="l" class="mono">{`${n.localAddress} port ${n.localPort}`}</span>],
    ['AS', `${n.asn ?? '–'}, local ${n.localAsn ?? '–'}${n.asn !== null && n.asn === n.localAsn ? ' (iBGP)' : ''}`],
    [
      'Router ID',
      n.routerId ? (
        <span key="r" class="mono">
          {n.routerId}
        </span>
      ) : (
        missing
      ),
    ],
    ['Host name', n.hostname ?? missing],
    ['Established', <Ago key="e" at={n.establishedAt} />],
    ['Last UPDATE', <Ago key="u" at={n.lastUpdateAt} />],
    ['Initial table', n.synced ? 'complete' : n.established ? 'incomplete' : missing],
    ['Hold time', n.negotiated ? (n.negotiated.holdTime === 0 ? 'none' : `${n.negotiated.holdTime} s`) : missing],
    ['Authentication', n.auth === 'md5' ? 'TCP MD5' : n.auth],
    ['Routes', `${formatCount(n.routes.ipv4)} IPv4, ${formatCount(n.routes.ipv6)} IPv6`],
    ['Messages', `${formatCount(n.counters.updates)} UPDATE, ${formatCount(n.counters.notifications)} NOTIFICATION`],
    ['Prefixes', `${formatCount(n.counters.announcements)} announced, ${formatCount(n.counters.withdraws)} withdrawn`],
    [
      'Malformed',
      n.counters.malformed === 0 ? (
        'none'
      ) : (
        <span key="b" class="warn">
          {formatCount(n.counters.malformed)}
        </span>
      ),
    ],
    [
      'Rejected',
      n.counters.refused === 0 ? (
        'none'
      ) : (
        <span key="f" class="warn">
          {plural(n.counters.refused, 'connection')}
        </span>
      ),
    ],
    ['Flaps', formatCount(n.flaps)],
  ];
  return (
    <section class="card" aria-labelledby="facts-title">
      <h2 id="facts-title">Session</h2>
      <dl class="facts">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Capabilities({ path, revision }: { path: string; revision: unknown }) {
  const { answer, error, again } = useRead<Envelope<NeighborCapabilities>>(`${path}/capabilities`, {}, revision);
  const rows = answer?.data.rows;
  return (
    <section class="card" aria-labelledby="capabilities-title">
      <h2 id="capabilities-title">Capabilities</h2>
      {error && <Failure error={error} again={again} />}
      {!rows && !error && <Loading />}
      {rows?.length === 0 && <p class="dim">The neighbor has not sent an OPEN yet.</p>}
      {rows && rows.length > 0 && (
        <table class="capabilities">
          <thead>
            <tr>
              <th scope="col">Capability</th>
              <th scope="col">Sent</th>
              <th scope="col">Received</th>
              <th scope="col">Negotiated</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row, i) => (
              <tr key={`${row.code} ${i}`}>
                <th scope="row">
                  {row.name} <span class="dim">{row.code}</span>
                  <span class="why">{row.text}</span>
                </th>
                <td>
                  <Tick on={row.announced} />
                </td>
                <td>
                  <Tick on={row.received} />
                </td>
                <td>
                  <Tick on={row.negotiated} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Tick({ on }: { on: boolean }) {
  return on ? <span class="tick">yes</span> : <span class="dim">no</span>;
}

function Events({ path, revision }: { path: string; revision: unknown }) {
  const { rest } = useApp();
  const { answer, error, again } = useRead<Page<NeighborEvent>>(`${path}/events`, { limit: shownEvents }, revision);
  return (
    <section class="card" aria-labelledby="events-title">
      <h2 id="events-title">
        Events{' '}
        <a href={rest.url(`${path}/events`)} target="_blank" rel="noreferrer">
          JSON
        </a>
      </h2>
      {error && <Failure error={error} again={again} />}
      {!answer && !error && <Loading />}
      {answer?.data.length === 0 && <p class="dim">No events yet.</p>}
      {answer && answer.data.length > 0 && (
        <ol class="events">
          {answer.data.map((event) => (
            <li key={event.id} class={event.kind}>
              <span class="dim">
                <Ago at={event.at} />
              </span>
              <strong>{event.kind}</strong>
              <span>
                {event.from && event.to && (
                  <span class="mono">
                    {event.from} → {event.to}{' '}
                  </span>
                )}
                {event.text}
                {event.code && (
                  <>
                    {' '}
                    <code>{event.code}</code>
                  </>
                )}
              </span>
              <span class="dim mono">seq {event.seq}</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
