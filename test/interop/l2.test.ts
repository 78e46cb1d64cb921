/**
 * Layer 2 with real ARP and Neighbor Discovery: nodes in network namespaces on one bridge, whose kernels have the node's
 * own addresses, and beside each a responder that does as MetalLB's speaker does.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { L2Row, Page } from '../../src/api/schemas.ts';
import { L2Listener } from '../../src/l2/listener.ts';
import type { WatchMessage } from '../../src/l2/messages.ts';
import { type KubeObject, l2Advertisement, node, pool, service, slice } from '../support/metallb-objects.ts';
import { Product, type ProductConfig, type ProductOptions } from '../support/product.ts';
import { openSegment, ownInterface, plugIn, Station, unplug } from '../support/segment.ts';
import { until } from '../support/wait.ts';

const names = ['node-a', 'node-b', 'node-c'];
const web = '192.0.2.200';
const web6 = '2001:db8::200';
const api = '192.0.2.201';
const idle = '192.0.2.202';
/** Of the pool, and no Service's. */
const free = '192.0.2.240';

/** In the order of the election for an address: worked out here as metallb.md has it, not by the product. */
function order(address: string): [string, string, string] {
  const hash = (name: string): string => createHash('sha256').update(`${name}#${address}`).digest('hex');
  return names.toSorted((a, b) => (hash(a) < hash(b) ? -1 : 1)) as [string, string, string];
}

function nodeObject(name: string, labels: Record<string, string> = {}): KubeObject {
  const number = 11 + names.indexOf(name);
  const object = node(name, number, { labels }) as KubeObject & { status: { addresses: object[] } };
  object.status.addresses.push({ type: 'InternalIP', address: `2001:db8::${number}` });
  return object;
}

const manifest = (objects: KubeObject[]): string => JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
const cluster = ({ excluded = '', advertisement = {} } = {}): string =>
  manifest([
    ...names.map((name) =>
      nodeObject(name, name === excluded ? { 'node.kubernetes.io/exclude-from-external-load-balancers': '' } : {}),
    ),
    pool('all', ['192.0.2.200-192.0.2.250', '2001:db8::200/120']),
    l2Advertisement('all', advertisement),
    ...[service('web', [web]), service('web6', [web6]), service('api', [api]), service('idle', [idle])],
    ...[slice('web', names), slice('web6', names), slice('api', names)],
  ]);

let stations: Record<string, Station>;

beforeAll(async () => {
  openSegment();
  const opened = names.map((_, i) => Station.open(11 + i, [`192.0.2.${11 + i}/24`, `2001:db8::${11 + i}/64`]));
  stations = Object.fromEntries((await Promise.all(opened)).map((station, i) => [names[i], station]));
});
afterAll(() => {
  for (const station of Object.values(stations)) station.close();
});
/** Every address is answered for by whoever is elected. */
beforeEach(() => answer({}));

/** Whoever `given` names for an address answers for it, else whoever is elected; `announce`: and says so. */
async function answer(given: Record<string, string[]>, announce = false): Promise<void> {
  const owners: Record<string, string[]> = {
    [web]: [order(web)[0]],
    [web6]: [order(web6)[0]],
    [api]: [order(api)[0]],
    ...given,
  };
  await Promise.all(
    names.map((name) => {
      const own = Object.keys(owners).filter((address) => owners[address]!.includes(name));
      return stations[name]!.answer(own, { announce });
    }),
  );
}

async function start(config: ProductConfig = {}, options: ProductOptions = {}, text = cluster()): Promise<Product> {
  const product = await Product.start({
    config: { l2: { interfaces: [ownInterface], probe: '1s' }, expect: { grace: '1s' }, ...config },
    manifests: { 'cluster.yaml': text },
    ...options,
  });
  onTestFinished(() => product.remove());
  return product;
}

const rows = async (product: Product): Promise<L2Row[]> => (await product.get<Page<L2Row>>('/api/v1/l2')).data;
const row = async (product: Product, address: string): Promise<L2Row | undefined> =>
  (await rows(product)).find((one) => one.address === address);

/** Waits until the row of an address is like this. */
async function becomes(product: Product, address: string, verdict: string, reasonCode?: string): Promise<L2Row> {
  let last: L2Row | undefined;
  return until(
    [address, 'is', verdict, reasonCode].filter(Boolean).join(' '),
    async () => {
      last = await row(product, address);
      return last?.verdict === verdict && (reasonCode === undefined || last.reasonCode === reasonCode) && last;
    },
    { context: () => `${JSON.stringify(last)}\n${product.log()}`, timeout: 30_000 },
  );
}
const seenBy = (name: string, via: string): object => ({
  mac: stations[name]!.mac,
  node: name,
  interface: ownInterface,
  via,
});

describe('with CAP_NET_RAW', () => {
  it('the elected node answers, for IPv4 and IPv6', async () => {
    const product = await start({ l2: { probe: '1s' } });
    const [elected] = order(web);
    expect(await becomes(product, web, 'ok')).toMatchObject({
      service: 'default/web',
      pool: 'all',
      elected: { node: elected, interfaces: [] },
      seen: [seenBy(elected, 'arp')],
      reasonCode: 'as-elected',
    });
    expect(await becomes(product, web6, 'ok')).toMatchObject({ seen: [seenBy(order(web6)[0], 'ndp')], family: 6 });
    expect(await becomes(product, idle, 'ok')).toMatchObject({
      elected: null,
      reasonNotAnnounced: 'Service default/idle has no serving endpoint',
      seen: [],
      reasonCode: 'silent',
    });
    expect((await product.status()).l2).toMatchObject({ interfaces: [{ name: ownInterface, listens: 'arp-and-ndp' }] });
    expect(await (await fetch(`${product.url}/metrics`)).text()).toContain('peerglass_l2_services{verdict="ok"} 4');
  });

  it('an address that its kernel has is answered for as well', async () => {
    const [elected] = order(web);
    await answer({ [web]: [] });
    stations[elected]!.address('add', `${web}/32`);
    onTestFinished(() => stations[elected]!.address('delete', `${web}/32`));
    expect(await becomes(await start(), web, 'ok')).toMatchObject({ seen: [seenBy(elected, 'arp')] });
  });

  it('a node takes over and announces it: wrong until it is elected, too', async () => {
    const product = await start();
    const [elected, next] = order(web);
    await becomes(product, web, 'ok');
    await answer({ [web]: [next] }, true);
    expect(await becomes(product, web, 'wrong-node')).toMatchObject({ seen: [seenBy(next, 'arp')] });
    product.manifest('cluster.yaml', cluster({ excluded: elected }));
    expect(await becomes(product, web, 'ok')).toMatchObject({ elected: { node: next } });
    expect(product.log()).toContain(`but node ${elected} is elected`);
  });

  it.each([
    [web, 'arp'],
    [web6, 'ndp'],
  ])('%s moves silently: the next question finds out', async (address, via) => {
    const product = await start();
    await becomes(product, address, 'ok');
    await answer({ [address]: [order(address)[1]] });
    expect(await becomes(product, address, 'wrong-node')).toMatchObject({ seen: [seenBy(order(address)[1], via)] });
  });

  it.each([
    [web, 'arp'],
    [web6, 'ndp'],
  ])('two nodes answer for %s', async (address, via) => {
    const product = await start();
    await becomes(product, address, 'ok');
    const [elected, , other] = order(address);
    await answer({ [address]: [elected, other] });
    const { seen } = await becomes(product, address, 'two-owners');
    expect(seen).toHaveLength(2);
    expect(seen).toEqual(
      expect.arrayContaining([seenBy(elected, via), seenBy(other, via)].map((one) => expect.objectContaining(one))),
    );
    await answer({});
    await becomes(product, address, 'ok');
  });

  it.each([web, web6])('nobody answers for %s', async (address) => {
    const product = await start();
    await becomes(product, address, 'ok');
    await answer({ [address]: [] });
    expect(await becomes(product, address, 'missing')).toMatchObject({ seen: [], reasonCode: 'no-answer' });
    await answer({}, true);
    await becomes(product, address, 'ok');
  });

  it('somebody answers for what nobody should: a Service without endpoints, an address without Service', async () => {
    const product = await start();
    await becomes(product, idle, 'ok');
    await answer({ [idle]: ['node-a'], [free]: ['node-b'] }, true);
    expect(await becomes(product, idle, 'unexpected')).toMatchObject({ seen: [seenBy('node-a', 'arp')] });
    expect(await becomes(product, free, 'unexpected')).toMatchObject({
      service: '',
      elected: null,
      seen: [seenBy('node-b', 'arp')],
      reasonCode: 'no-service',
    });
    await answer({});
    await until('it is gone', async () => (await row(product, free)) === undefined);
  });

  it('whoever it is that answers is no node that is known', async () => {
    const stranger = await Station.open(77, ['192.0.2.77/24']);
    onTestFinished(() => stranger.close());
    await answer({ [web]: [] });
    await stranger.answer([web]);
    expect(await becomes(await start(), web, 'unknown', 'mac-not-known')).toMatchObject({
      seen: [{ mac: stranger.mac, node: null }],
    });
  });

  it('L2Advertisements that allow some interfaces only are judged by what nodes call theirs', async () => {
    const text = cluster({ advertisement: { interfaces: ['eth1'] } });
    const product = await start({}, {}, text);
    await becomes(product, web, 'unknown', 'interface-not-known');
    const named = (nodeInterfaces: string[]): ProductConfig => ({
      l2: { interfaces: [{ name: ownInterface, nodeInterfaces }], probe: '1s' },
      expect: { grace: '1s' },
    });
    product.configure(named(['eth0']));
    await product.restart();
    expect(await becomes(product, web, 'wrong-interface')).toMatchObject({ elected: { interfaces: ['eth1'] } });
    await answer({ [web]: [] });
    await becomes(product, web, 'unknown', 'excluded-here');
    product.configure(named(['eth1']));
    await product.restart();
    await becomes(product, web, 'missing');
  });

  it('gratuitous ARP by arping is heard, and with l2.probe off nobody is called missing', async () => {
    const [elected, next] = order(web);
    const product = await start({ l2: { interfaces: [ownInterface], probe: 'off' } });
    await becomes(product, web, 'unknown', 'not-asked');
    // the nodes' own addresses have to be heard of, too
    for (const [i, name] of names.entries()) stations[name]!.arping(`192.0.2.${11 + i}`);
    stations[elected]!.address('add', `${web}/32`);
    stations[elected]!.arping(web);
    stations[elected]!.address('delete', `${web}/32`);
    expect(await becomes(product, web, 'ok')).toMatchObject({ seen: [seenBy(elected, 'arp')] });
    stations[next]!.address('add', `${web}/32`);
    onTestFinished(() => stations[next]!.address('delete', `${web}/32`));
    stations[next]!.arping(web);
    await becomes(product, web, 'wrong-node');
  });

  it('an interface goes, and comes back', async () => {
    const product = await start();
    await becomes(product, web, 'ok');
    unplug();
    await becomes(product, web, 'unknown', 'not-listening');
    expect((await product.status()).l2).toMatchObject({ interfaces: [{ listens: 'nothing' }] });
    plugIn();
    await becomes(product, web, 'ok');
  });
});

it('reads the neighbor table without CAP_NET_RAW', async () => {
  const wrapper = ['setpriv', '--inh-caps', '-net_raw', '--bounding-set', '-net_raw'];
  const product = await start({}, { wrapper });
  const [elected, next] = order(web);
  expect(await becomes(product, web, 'ok')).toMatchObject({ seen: [seenBy(elected, 'neighbor-table')] });
  await becomes(product, web6, 'ok');
  expect((await product.status()).l2).toMatchObject({
    interfaces: [{ listens: 'neighbor-table', text: expect.stringContaining('CAP_NET_RAW is missing') }],
  });
  // an announcement changes the kernel's entry
  await answer({ [web]: [next] }, true);
  await becomes(product, web, 'wrong-node');
  await answer({ [web]: [], [web6]: [] });
  await becomes(product, web, 'missing');
});

it('without koffi the table is read as ip prints it', async () => {
  const said: WatchMessage[] = [];
  const listener = new L2Listener(null, (message) => said.push(message));
  onTestFinished(() => listener.command({ kind: 'stop' }));
  listener.command({ kind: 'watch', interfaces: [ownInterface], probes: [], intervalMs: null });
  const states = (): string[] =>
    said.flatMap((message) =>
      message.kind === 'observed'
        ? message.observations.flatMap((one) => (one.kind === 'entry' && one.address === free ? [one.state] : []))
        : [],
    );
  const entry = ['neigh', 'replace', free, 'lladdr', '02:00:00:00:00:63', 'dev', ownInterface, 'nud', 'permanent'];
  execFileSync('ip', entry);
  await until('the entry is seen', () => states().at(-1) === 'permanent');
  execFileSync('ip', ['neigh', 'del', free, 'dev', ownInterface]);
  await until('it is seen to go', () => ['none', 'failed'].includes(states().at(-1)!));
  expect(said.findLast(({ kind }) => kind === 'hearing')).toMatchObject({ hearing: [{ listens: 'neighbor-table' }] });
});

it('is off unless the configuration wants it, and says so', async () => {
  const product = await Product.start({ manifests: { 'cluster.yaml': cluster() } });
  onTestFinished(() => product.remove());
  expect((await product.status()).l2).toBeNull();
  expect(await product.get('/api/v1/l2')).toMatchObject({
    data: [],
    meta: { emptyText: expect.stringContaining('set l2') },
  });
});
