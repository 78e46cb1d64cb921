/** One Service: where its addresses are announced, by which way, and why not elsewhere. */
import type { Envelope, ServiceView } from '../../../src/api/schemas.ts';
import { useApp, useModel, useRead } from '../app.ts';
import { plural } from '../format.ts';
import { DiagnosesOf, useDiagnoses } from '../parts/diagnosis.tsx';
import { PrefixLink, To } from '../parts/link.tsx';
import { Loading } from '../parts/notice.tsx';
import {
  AbsencesCard,
  Card,
  Complaints,
  Facts,
  Links,
  ObjectHeader,
  RouteTable,
  Truncated,
  Unreadable,
} from '../parts/object.tsx';
import { Rules } from '../parts/rules.tsx';
import { WayPicture } from '../parts/way.tsx';
import { place } from '../router.ts';
import { useThrottled } from '../throttle.ts';

/** Milliseconds between two readings while verdicts change all the time. */
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
          <Complaints refusals={view.refusals} lint={view.lint} />
          <Truncated shown={view.truncated} />
          {view.routes.some(({ expected }) => expected) && (
            <Card id="way" title="From Service to prefix">
              <WayPicture verdicts={view.routes} />
              <Rules routes={view.routes.flatMap(({ expected }) => expected ?? [])} />
            </Card>
          )}
          <AbsencesCard rows={view.notAnnounced} by="node" />
          <Card id="facts" title="What it has">
            <Facts
              rows={[
                ['Type', view.type ?? <span class="dim">refused</span>],
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
                    who answers for its addresses
                  </To>,
                ],
              ]}
            />
          </Card>
          {view.routes.length > 0 && (
            <Card id="routes" title="Route by route">
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
  if (addresses.length === 0) return 'It has no address yet, so there is nothing to announce.';
  if (pools.length === 0) return 'No IPAddressPool has its addresses, so nobody announces them.';
  if (advertisements.length === 0) return 'No BGPAdvertisement selects it and its pools, so no route is expected.';
  const nodes = new Set(routes.flatMap(({ expected, node }) => (expected && node ? [node] : []))).size;
  const silent = new Set(notAnnounced.map(({ node }) => node)).size;
  const ok = routes.filter(({ verdict }) => verdict === 'ok').length;
  const expected = routes.filter((row) => row.expected).length;
  const others = silent === 0 ? '' : `, ${plural(silent, 'does', 'do')} not`;
  return `${plural(nodes, 'node announces', 'nodes announce')} it${others}; ${ok} of ${plural(expected, 'expected route is', 'expected routes are')} as expected.`;
}
