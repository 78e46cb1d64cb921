/** One IPAddressPool or BGPAdvertisement: what it selects, and the resulting routes. */
import type { ComponentChildren } from 'preact';
import type { AdvertisementView, Envelope, PoolView } from '../../../src/api/schemas.ts';
import { useApp, useModel, useRead } from '../app.ts';
import { useCapped } from '../parts/capped.tsx';
import { RouteGraph } from '../parts/graph.tsx';
import { NodeLink, PrefixLink, ServiceLink, To } from '../parts/link.tsx';
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
import { place } from '../router.ts';
import { useThrottled } from '../throttle.ts';

/** Minimum milliseconds between rereads while verdicts keep changing. */
const rereadInterval = 2_000;
/** Names shown at first in one list. */
const shownNames = 30;

export function Pool() {
  return (
    <ObjectPage<PoolView>
      resource="pools"
      facts={(view) => [
        ['Addresses', <Names key="a" names={view.addresses} each={(range) => <Range range={range} />} />],
        ['Services', <Names key="s" names={view.services.map(({ service }) => service)} each={service} />],
        ['BGPAdvertisements', <Names key="b" names={view.advertisements} each={advertisement} />],
        ['L2Advertisements', <Names key="l" names={view.l2Advertisements} each={(name) => name} />],
      ]}
    />
  );
}

export function Advertisement() {
  return (
    <ObjectPage<AdvertisementView>
      resource="advertisements"
      facts={(view) => [
        ['IPAddressPools', <Names key="p" names={view.pools} each={pool} />],
        ['Nodes', <Names key="n" names={view.nodes} each={(name) => <NodeLink node={name} />} />],
        ['BGPPeers', view.peers === null ? 'all' : view.peers.join(', ') || 'none'],
        ['Services', <Names key="s" names={view.services} each={service} />],
      ]}
    />
  );
}

interface ObjectPageProps<View> {
  resource: 'pools' | 'advertisements';
  facts: (view: View) => readonly (readonly [string, ComponentChildren])[];
}

function ObjectPage<View extends PoolView | AdvertisementView>({ resource, facts }: ObjectPageProps<View>) {
  const { place: here } = useApp();
  const revision = useThrottled(
    useModel((model) => model.verdictRevision),
    rereadInterval,
  );
  const path = `/${resource}/${encodeURIComponent(here.subject)}`;
  const { answer, error, again } = useRead<Envelope<View>>(path, {}, revision);
  const view = answer?.data;
  const key = resource === 'pools' ? 'pool' : 'advertisement';
  return (
    <div class="object-view">
      {!view && <h1>{here.subject}</h1>}
      {error && <Unreadable error={error} again={again} />}
      {!view && !error && <Loading />}
      {view && (
        <>
          <ObjectHeader object={view.object} title={here.subject}>
            <To place={place('checks', { q: `${key}:${here.subject}` })} class="button">
              Checks
            </To>
          </ObjectHeader>
          <ObjectWarnings refusals={view.refusals} lint={view.lint} />
          <Truncated shown={view.truncated} />
          <Card id="facts" title="Details">
            <Facts rows={facts(view)} />
          </Card>
          {view.routes.some(({ expected }) => expected) && (
            <Card id="graph" title="From Service to prefix">
              <RouteGraph verdicts={view.routes} />
            </Card>
          )}
          <NotAnnouncedCard rows={view.notAnnounced} by="both" />
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

function Names({ names, each }: { names: readonly string[]; each: (name: string) => ComponentChildren }) {
  const [shown, more] = useCapped(names, shownNames, 'name');
  return (
    <>
      <Links items={shown.map(each)} />
      {more}
    </>
  );
}

const service = (name: string) => <ServiceLink service={name} />;
const pool = (name: string) => <To place={place('pool', { subject: name })}>{name}</To>;
const advertisement = (name: string) => <To place={place('advertisement', { subject: name })}>{name}</To>;

/** Links prefixes, but not ranges (from–to). */
function Range({ range }: { range: string }) {
  return range.includes('/') ? <PrefixLink prefix={range} /> : <span class="mono">{range}</span>;
}
