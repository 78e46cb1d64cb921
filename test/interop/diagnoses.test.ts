/** Troubles that are live, between Peerglass as a user runs it and real FRR: found by `/diagnoses`, and gone when mended. */
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import type { Diagnosis, DiagnosisCatalog, Envelope, Page } from '../../src/api/schemas.ts';
import { clusterNetwork, nodes, speaker, speakerAsn, startTor } from '../support/cluster.ts';
import { type Frr, startFrr } from '../support/daemons/frr.ts';
import type { SpeakerOptions } from '../support/daemons/frr-config.ts';
import type { Product, ProductConfig } from '../support/product.ts';
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

it('a node without graceful restart, and everything else in order', async () => {
  const product = await start({});
  await dial(speaker('node-a', basic));
  const diagnosis = await appears(product, 'no-graceful-restart');
  expect(diagnosis).toMatchObject({ severity: 'info', text: expect.stringContaining('node-a') });
  await until('it is synced', async () => (await product.neighbors()).every(({ synced }) => synced));
  const codes = (await product.get<Page<Diagnosis>>('/api/v1/diagnoses')).data
    .filter(({ node }) => node === 'node-a')
    .map(({ code }) => code);
  expect(codes).toEqual([]);
});
