/** One Service: which nodes announce its addresses and why, and why other nodes do not. */
import type { Envelope, ServiceView } from '../../../src/api/schemas.ts';
import { useApp, useModel, useRead } from '../app.ts';
import { formatCount, plural } from '../format.ts';
import { DiagnosesOf, useDiagnoses } from '../parts/diagnosis.tsx';
import { RouteGraph } from '../parts/graph.tsx';
import { PrefixLink, To } from '../parts/link.tsx';
import { Loading } from '../parts/notice.tsx';
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
import { Rules } from '../parts/rules.tsx';
import { place } from '../router.ts';
import { useThrottled } from '../throttle.ts';

/** Minimum milliseconds between rereads while verdicts keep changing. */
const rereadInterval = 2_000;

export function Service() {
  const { place: here } = useApp();
  const path = `/services/${here.subject.split('/').map(encodeURIComponent).join('/')}`;
  const revision = useThrottled(
    useModel((model) => model.verdictRevision),
    rereadInterval,
  );
  const { answer, error, again } = useRead<Envelope<ServiceView>>(path, {}, revision);
  const about = { service: here.subject };
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
            <To place={place('checks', { q: `service:${here.subject}` })} class="button">
              Checks
            </To>
          </ObjectHeader>
          <p class="lede">{sentence(view)}</p>
          <DiagnosesOf about={about} diagnoses={diagnoses.answer?.data} />
          <ObjectWarnings refusals={view.refusals} lint={view.lint} />
          <Truncated shown={view.truncated} />
          {view.routes.some(({ expected }) => expected) && (
            <Card id="graph" title="From Service to prefix">
              <RouteGraph verdicts={view.routes} />
              <Rules routes={view.routes.flatMap(({ expected }) => expected ?? [])} />
            </Card>
          )}
          <NotAnnouncedCard rows={view.notAnnounced} by="node" />
          <Card id="facts" title="Details">
            <Facts
              rows={[
                ['Type', view.type ?? <span class="dim">rejected</span>],
                ['Addresses', <Links key="a" items={view.addresses.map((ip) => <Address key={ip} ip={ip} />)} />],
                [
                  'IPAddressPools',
                  <Links
                    key="p"
                    items={view.pools.map((name) => (
                      <To key={name} place={place('pool', { subject: name })}>
                        {name}
                      </To>
                    ))}
                  />,
                ],
                [
                  'BGPAdvertisements',
                  <Links
                    key="b"
                    items={view.advertisements.map((name) => (
                      <To key={name} place={place('advertisement', { subject: name })}>
                        {name}
                      </To>
                    ))}
                  />,
                ],
                [
                  'Layer 2',
                  <To key="l" place={place('l2', { q: `service:${here.subject}` })}>
                    Nodes that answer for its addresses
                  </To>,
                ],
              ]}
            />
          </Card>
          {view.routes.length > 0 && (
            <Card id="routes" title="Routes">
              <div class="scroll">
                <RouteTable verdicts={view.routes} />
              </div>
            </Card>
          )}
        </>
      )}
    </div>
  );
}

function Address({ ip }: { ip: string }) {
  return <PrefixLink prefix={`${ip}/${ip.includes(':') ? 128 : 32}`} />;
}

function sentence({ addresses, pools, advertisements, routes, notAnnounced }: ServiceView): string {
  if (addresses.length === 0) return 'The Service has no address yet, so no node announces it.';
  if (pools.length === 0) return 'No IPAddressPool contains its addresses, so no node announces them.';
  if (advertisements.length === 0)
    return 'No BGPAdvertisement selects the Service and its pools, so no route is expected.';
  const nodes = new Set(routes.flatMap(({ expected, node }) => (expected && node ? [node] : []))).size;
  const notAnnouncing = new Set(notAnnounced.map(({ node }) => node)).size;
  const ok = routes.filter(({ verdict }) => verdict === 'ok').length;
  const expected = routes.filter((row) => row.expected).length;
  const others = notAnnouncing === 0 ? '' : `, ${formatCount(notAnnouncing)} should not`;
  return `${plural(nodes, 'node should announce', 'nodes should announce')} it${others}; ${ok} of ${plural(expected, 'expected route is', 'expected routes are')} ok.`;
}
