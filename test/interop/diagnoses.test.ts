/** Troubles that are live, between Peerglass as a user runs it and real FRR: found by `/diagnoses`, and gone when mended. */
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import type { Diagnosis, DiagnosisCatalog, Envelope, Page } from '../../src/api/schemas.ts';
import { clusterNetwork, nodes, speaker, speakerAsn, startSpeakers, startTor, tor } from '../support/cluster.ts';
import { type Frr, startFrr } from '../support/daemons/frr.ts';
import type { SpeakerOptions } from '../support/daemons/frr-config.ts';
import type { Product, ProductConfig } from '../support/product.ts';
import { TestPeer } from '../support/test-peer.ts';
import { until } from '../support/wait.ts';

beforeAll(clusterNetwork);

const { v4: address } = nodes['node-a'];
const basic = {
  v4: [{ prefix: '203.0.113.200/32' }],
  v6: [{ prefix: 'fc00:f853:ccd:e799::1/128' }],
};

async function start(config: ProductConfig, manifests = ['nodes.yaml', 'peers-ebgp.yaml', 'basic.yaml']) {
  const product = await startTor(manifests, config);
  onTestFinished(() => product.remove());
  return product;
}

async function dial(options: SpeakerOptions): Promise<Frr> {
  const frr = await startFrr(options);
  onTestFinished(() => frr.stop());
  return frr;
}

/** Only what is said of IPv4: the IPv6 session is as good as the other. */
const ipv4 = (change: Partial<SpeakerOptions['neighbors'][number]> = {}): SpeakerOptions => {
  const options = speaker('node-a', basic);
  return { ...options, neighbors: [{ ...options.neighbors[0]!, ...change }] };
};

const found = async (product: Product, code: string): Promise<Diagnosis[]> =>
  (await product.get<Page<Diagnosis>>('/api/v1/diagnoses', { code })).data;

/** Waits until a diagnosis is there, or is gone. */
const appears = (product: Product, code: string): Promise<Diagnosis> =>
  until(`${code} is found`, async () => (await found(product, code))[0], {
    timeout: 60_000,
    context: () => product.log(),
  });
const goes = (product: Product, code: string): Promise<unknown> =>
  until(`${code} is gone`, async () => (await found(product, code)).length === 0, {
    timeout: 60_000,
    context: () => product.log(),
  });

it('a wrong TCP MD5 password, which no socket ever hears of', async () => {
  const password = 'not-a-secret';
  const product = await start({ bgp: { neighbors: [{ address, asn: speakerAsn, password }] } }, []);
  const frr = await dial(ipv4({ password: 'another' }));
  const diagnosis = await appears(product, 'tcp-md5');
  expect(diagnosis).toMatchObject({ severity: 'critical', text: expect.stringContaining(address) });
  expect(await product.neighbors()).toEqual([]);
  await frr.reload(ipv4({ password }));
  await until('the session is up', async () => (await product.neighbors())[0]?.established);
  await goes(product, 'tcp-md5');
});

it('a speaker in the wrong AS that comes back and back', async () => {
  const product = await start({});
  const wrong = await dial({ ...ipv4(), asn: 64_999 });
  const diagnosis = await appears(product, 'wrong-as');
  expect(diagnosis).toMatchObject({
    severity: 'critical',
    node: 'node-a',
    text: expect.stringContaining(`AS 64999, and bgp.neighbors expects ${speakerAsn}`),
    evidence: [{ kind: 'session' }, { kind: 'time' }],
  });
  expect(diagnosis.hint).toContain('64512');
  const { data: catalog } = await product.get<Envelope<DiagnosisCatalog>>('/api/v1/diagnoses/catalog');
  expect(catalog.checks.find(({ code }) => code === 'wrong-as')).toMatchObject({ found: 1, notListed: 0 });
  await wrong.stop();
  await dial(ipv4());
  await goes(product, 'wrong-as');
});

it('a peers list with a slip of the hand', async () => {
  const product = await start({});
  const advertisement = (name: string): string => `
apiVersion: metallb.io/v1beta1
kind: BGPAdvertisement
metadata: { name: bgpadvertisement-basic, namespace: metallb-system }
spec: { ipAddressPools: [doc-example-bgp-basic], peers: [${name}] }
`;
  expect(await found(product, 'peers-without-session')).toEqual([]);
  // of two objects of one name the later one counts
  product.manifest('zz-edit.yaml', advertisement('tor-v44'));
  expect(await appears(product, 'peers-without-session')).toMatchObject({
    severity: 'critical',
    bgpPeer: 'tor-v44',
    text: expect.stringContaining('did you mean tor-v4?'),
    objects: [{ kind: 'BGPAdvertisement', name: 'bgpadvertisement-basic' }],
  });
  product.manifest('zz-edit.yaml', advertisement('tor-v4'));
  await goes(product, 'peers-without-session');
});

it('a native speaker that comes back at once after every refusal', async () => {
  const product = await start({ expect: { mode: 'native' } });
  const options = { to: `${tor.v4}:179`, from: address, patience: 30_000 };
  let attempts = 0;
  let isLooping = true;
  const loop = (async () => {
    for (; isLooping; attempts++) {
      const peer = await TestPeer.connect({ ...options, asn: 64_999 });
      peer.send(peer.open);
      await peer.closed;
    }
  })();
  const diagnosis = await appears(product, 'hot-reconnect');
  expect(diagnosis).toMatchObject({ severity: 'critical', node: 'node-a' });
  expect(diagnosis.text).toMatch(/tried about \d+ times in the last \d+ s.*AS 64999, expected 64512/);
  expect(attempts).toBeGreaterThan(5);
  isLooping = false;
  await loop;
  const peer = await TestPeer.establish({ ...options, asn: speakerAsn });
  await goes(product, 'hot-reconnect');
  await peer.drop();
});

it('a reload that takes most routes along, and an UPDATE that no RFC allows', async () => {
  const product = await start({});
  const peer = await TestPeer.establish({ to: `${tor.v4}:179`, from: address, asn: speakerAsn });
  onTestFinished(() => peer.kill());
  const routes = Array.from({ length: 20 }, (_, i) => `203.0.113.${200 + i}/32`);
  peer.announce(routes);
  await until('all are there', async () => (await product.routes()).length === 20);
  peer.withdraw(routes.slice(1));
  await until('most are gone', async () => (await product.routes()).length === 1);
  peer.announce(routes.slice(1), { localPref: 100 });
  expect((await appears(product, 'reload-storm')).text).toMatch(
    /^node-a \(192\.0\.2\.11\) withdrew 19 of its 20 routes/,
  );
  expect((await appears(product, 'malformed-updates')).hint).toContain('LOCAL_PREF is invalid on an external session');
});

it('says nothing but explanations of speakers that do everything right', async () => {
  const product = await start({});
  const speakers = await startSpeakers({ 'node-a': basic, 'node-b': basic, 'node-c': basic });
  onTestFinished(async () => {
    await Promise.all(speakers.map((each) => each.stop()));
  });
  const isOk = async (): Promise<boolean> => (await product.summary()).verdicts.ok === 6;
  await until('all verdicts are ok', isOk, { timeout: 40_000, context: () => product.log() });
  await appears(product, 'no-graceful-restart');
  const { data } = await product.get<Page<Diagnosis>>('/api/v1/diagnoses');
  expect(data.filter(({ severity }) => severity !== 'info')).toEqual([]);
  expect(new Set(data.map(({ code }) => code))).toEqual(new Set(['no-graceful-restart', 'all-nodes-announce']));
});
