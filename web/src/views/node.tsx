/** One Node: its sessions, its routes, what it does not announce and why, and the state of its speaker. */
import type { Envelope, LatencyFigures, NodeSays, NodeSession, NodeView } from '../../../src/api/schemas.ts';
import { useApp, useModel, useRead } from '../app.ts';
import { formatSeconds, plural } from '../format.ts';
import { DiagnosesOf, useDiagnoses } from '../parts/diagnosis.tsx';
import { NeighborLink, To } from '../parts/link.tsx';
import { Banner, Empty, Loading } from '../parts/notice.tsx';
import {
  Card,
  Facts,
  Links,
  NotAnnouncedCard,
  ObjectHeader,
  ObjectWarnings,
  RouteTable,
  Truncated,
  Unreadable,
} from '../parts/object.tsx';
import { Ago } from '../parts/time.tsx';
import { place } from '../router.ts';
import { useThrottled } from '../throttle.ts';
import './node.css';

/** Minimum milliseconds between rereads while verdicts keep changing. */
const rereadInterval = 2_000;

export function Node() {
  const { place: here } = useApp();
  const revision = useThrottled(
    useModel((model) => model.verdictRevision),
    rereadInterval,
  );
  const { answer, error, again } = useRead<Envelope<NodeView>>(
    `/nodes/${encodeURIComponent(here.subject)}`,
    {},
    revision,
  );
  const about = { node: here.subject };
  const diagnoses = useDiagnoses(about);
  const view = diagnoses.loading ? undefined : answer?.data;
  return (
    <div class="object-view">
      {!view && <h1>{here.subject}</h1>}
      {error && <Unreadable error={error} again={again} />}
      {!view && !error && <Loading />}
      {view && (
        <>
          <ObjectHeader object={view.object} title={here.subject}>
            <To place={place('checks', { q: `node:${here.subject}` })} class="button">
              Checks
            </To>
            <To place={place('routes', { q: `node:${here.subject}` })} class="button">
              Routes
            </To>
          </ObjectHeader>
          <Configuration view={view} />
          <DiagnosesOf about={about} diagnoses={diagnoses.answer?.data} />
          <ObjectWarnings refusals={view.refusals} lint={view.lint} />
          <Truncated shown={view.truncated} />
          <div class="two">
            <Card id="sessions" title="Sessions">
              <Sessions sessions={view.sessions} />
            </Card>
            <Card id="facts" title="Details">
              <Facts
                rows={[
                  [
                    'Addresses',
                    <span key="a" class="mono">
                      {view.addresses.join(' ') || '–'}
                    </span>,
                  ],
                  ['Host name', view.hostname ?? <span class="dim">–</span>],
                  [
                    'Neighbors',
                    <Links
                      key="n"
                      none="none yet"
                      items={view.neighbors.map(({ id, address }) => (
                        <NeighborLink key={id} id={id}>
                          {address}
                        </NeighborLink>
                      ))}
                    />,
                  ],
                  [
                    'Layer 2',
                    <To key="l" place={place('l2', { q: `node:${here.subject}` })}>
                      Addresses of this node
                    </To>,
                  ],
                  ['Time to advertise', <Latency key="t" figures={view.timeToAdvertise} />],
                  ['Time to withdraw', <Latency key="w" figures={view.timeToWithdraw} />],
                ]}
              />
            </Card>
          </div>
          <Card id="says" title="Reported status">
            <ReportedStatus says={view.says} />
          </Card>
          <Card id="routes" title="Announced prefixes">
            {view.routes.length === 0 ? (
              <p class="dim">No route is expected from this node, and none was received.</p>
            ) : (
              <div class="scroll">
                <RouteTable verdicts={view.routes} node={false} />
              </div>
            )}
          </Card>
          <NotAnnouncedCard rows={view.notAnnounced} by="service" />
        </>
      )}
    </div>
  );
}

/** The time from the change of an object to the resulting UPDATE. */
function Latency({ figures }: { figures: LatencyFigures | null }) {
  if (!figures) return <span class="dim">not measured yet</span>;
  const { p50, p99, last, lastAt, count } = figures;
  return (
    <span title={`From the change of an object to the UPDATE; ${plural(count, 'route')} since the collector started`}>
      median {formatSeconds(p50)}, 99% within {formatSeconds(p99)};{' '}
      <span class="dim">
        last {formatSeconds(last)}, <Ago at={lastAt} />
      </span>
    </span>
  );
}

function Configuration({ view: { staleConfig, configurationUnknown } }: { view: NodeView }) {
  if (configurationUnknown)
    return (
      <Banner tone="bad" title="Configuration unknown:">
        its speaker has never had a valid configuration, so its expected routes are unknown. {staleConfig}
      </Banner>
    );
  if (staleConfig === null) return null;
  return (
    <Banner tone="bad" title="An earlier configuration is in effect:">
      the speaker rejects the current one. {staleConfig}
    </Banner>
  );
}

function Sessions({ sessions }: { sessions: readonly NodeSession[] }) {
  if (sessions.length === 0)
    return (
      <Empty title="No sessions">
        <p>No BGPPeer selects this node, or no speaker runs on it.</p>
      </Empty>
    );
  return (
    <div class="scroll">
      <table class="plain node-sessions">
        <thead>
          <tr>
            {['BGPPeer', 'State', 'Neighbor', 'AS', 'Families'].map((title) => (
              <th scope="col" key={title}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sessions.map(({ bgpPeer, state, neighbor, myASN, peerASN, families, ibgp }) => (
            <tr key={bgpPeer}>
              <td>{bgpPeer}</td>
              <td>
                <span class={`session-state ${state === 'established' ? 'up' : 'down'}`}>
                  {state ?? 'no session yet'}
                </span>
              </td>
              <td>
                {neighbor ? (
                  <NeighborLink id={neighbor.id}>{neighbor.address}</NeighborLink>
                ) : (
                  <span class="dim">none</span>
                )}
              </td>
              <td>
                {myASN} → {peerASN} {ibgp && <span class="dim">iBGP</span>}
              </td>
              <td class="wrap">
                {families.map((family) => `IPv${family}`).join(', ') || <span class="dim">none</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ReportedStatus({ says }: { says: NodeSays | null }) {
  if (!says)
    return (
      <p class="dim">
        No status objects and no speaker Pod found. Peerglass reads them from a live cluster (
        <code>expect.kubernetes</code>) if it has the permissions.
      </p>
    );
  const { configuration, configurationText, conversion, reload, pods, sessions, objects } = says;
  const notReported = <span class="dim">not reported</span>;
  return (
    <Facts
      rows={[
        [
          'Configuration',
          configuration === null ? (
            notReported
          ) : (
            <span key="c" class={configuration === 'invalid' ? 'bad' : ''}>
              {configuration}
              {configurationText && `: ${configurationText}`}
            </span>
          ),
        ],
        ['frr-k8s', conversion === null ? notReported : <Result key="f" text={conversion} />],
        ['FRR reload', reload === null ? notReported : <Result key="r" text={reload} />],
        [
          'Pods',
          <Links
            key="p"
            none="none found"
            items={pods.map(({ name, phase, ready, terminating }) => (
              <span key={name} class={ready && !terminating ? '' : 'bad'}>
                <span class="mono">{name}</span> {terminating ? 'terminating' : ready ? 'ready' : `${phase}, not ready`}
              </span>
            ))}
          />,
        ],
        [
          'Sessions',
          <Links
            key="s"
            none="not reported"
            items={sessions.map(({ peer, vrf, bgpStatus, bfdStatus }) => (
              <span key={`${peer} ${vrf}`}>
                <span class="mono">{peer}</span> {bgpStatus}
                {bfdStatus !== '' && bfdStatus !== 'N/A' && `, BFD ${bfdStatus}`}
              </span>
            ))}
          />,
        ],
        [
          'Reported by',
          <Links
            key="o"
            items={objects.map(({ kind, name }) => <span key={`${kind} ${name}`}>{`${kind} ${name}`}</span>)}
          />,
        ],
      ]}
    />
  );
}

/** `success`, or an error. */
function Result({ text }: { text: string }) {
  return <span class={text === 'success' ? '' : 'bad'}>{text}</span>;
}
