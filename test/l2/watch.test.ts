/** The watcher with a fake thread and a manual clock. */
import { describe, expect, it } from 'vitest';
import type { Observation, WatchCommand } from '../../src/l2/messages.ts';
import type { L2Config } from '../../src/l2/plan.ts';
import { L2Watch, maxStrays } from '../../src/l2/watch.ts';
import { type KubeObject, l2Advertisement, node, pool, service, slice, tableOf } from '../support/metallb-objects.ts';

const ip = '192.0.2.200';
/** node-a has 192.0.2.1 and the hardware address a … */
const nodes = ['node-a', 'node-b', 'node-c'].map((name, i) => node(name, i + 1));
const addressOf: Record<string, string> = { a: '192.0.2.1', b: '192.0.2.2', c: '192.0.2.3' };
const p = pool('p', ['192.0.2.200-192.0.2.210']);
const onA = l2Advertisement('x', { nodeSelectors: [{ matchLabels: { 'kubernetes.io/hostname': 'node-a' } }] });
const web = [service('web', [ip]), slice('web', ['node-a'])];
const graceMs = 5_000;

class Scene {
  now = 1_000_000;
  readonly commands: WatchCommand[] = [];
  readonly changes: string[] = [];
  readonly watch: L2Watch;

  constructor(config: Partial<L2Config> = {}) {
    this.watch = new L2Watch({
      config: { interfaces: 'auto', probe: 10_000, ...config },
      graceMs,
      post: (command) => this.commands.push(command),
      now: () => this.now,
      onChange: ({ before, after }) => this.changes.push(`${after.address} ${before?.verdict ?? ''}→${after.verdict}`),
    });
  }

  expect(...objects: KubeObject[]): this {
    this.watch.setExpectations(tableOf(objects));
    this.watch.tick();
    return this;
  }

  /** The thread reports its interfaces and follows the last command. */
  listen(): this {
    const interfaces = [
      { name: 'eth0', mac: '02:00:00:00:00:ff', addresses: ['192.0.2.9'], subnets: ['192.0.2.0/24'] },
      { name: 'eth1', mac: '02:00:00:00:00:fe', addresses: [], subnets: ['198.51.100.0/24'] },
    ];
    this.watch.onMessage({ kind: 'interfaces', interfaces });
    this.hears('arp-and-ndp');
    for (const mac of ['a', 'b', 'c']) this.see(this.answer(mac, addressOf[mac]!));
    return this;
  }

  hears(listens: 'arp-and-ndp' | 'nothing'): void {
    this.watch.onMessage({ kind: 'hearing', hearing: [{ name: 'eth0', listens, text: '' }] });
    this.watch.tick();
  }

  answer(mac: string, address = ip, isAnnouncement = false): Observation {
    return { kind: 'claimed', interface: 'eth0', address, mac, via: 'arp', isAnnouncement, at: this.now };
  }

  asked(address = ip): Observation {
    return { kind: 'asked', interface: 'eth0', address, at: this.now };
  }

  see(...observations: Observation[]): this {
    this.watch.onMessage({ kind: 'observed', observations });
    this.watch.tick();
    return this;
  }

  after(ms: number): this {
    this.now += ms;
    this.watch.tick();
    return this;
  }

  /** `address verdict` of each row. */
  get rows(): string[] {
    return this.watch.rows().map(({ address, verdict }) => `${address} ${verdict}`);
  }

  get watching(): Extract<WatchCommand, { kind: 'watch' }> {
    return this.commands.at(-1) as Extract<WatchCommand, { kind: 'watch' }>;
  }
}

const scene = (...more: KubeObject[]): Scene => new Scene().expect(...nodes, p, onA, ...web, ...more).listen();

describe('the plan', () => {
  it('watches the segment of the pool and probes services and nodes', () => {
    const { watching } = scene();
    expect(watching.interfaces).toEqual(['eth0']);
    expect(watching.probes.map(({ address }) => address)).toEqual([ip, ...Object.values(addressOf)]);
    expect(watching.intervalMs).toBe(10_000);
  });
  it('follows the cluster, without repeated commands', () => {
    const here = scene();
    const before = here.commands.length;
    here.expect(...nodes, p, onA, ...web);
    expect(here.commands).toHaveLength(before);
    here.expect(...nodes, p, onA, ...web, service('api', ['192.0.2.201']));
    expect(here.watching.probes.map(({ address }) => address)).toContain('192.0.2.201');
  });
  it.each<[string, KubeObject[], string]>([
    ['no pool is on layer 2', [...nodes, p, ...web], 'No L2Advertisement selects an IPAddressPool'],
    ['no Service has an address of it', [...nodes, p, onA], 'No Service of type LoadBalancer has an address'],
  ])('is empty if %s', (_, objects, text) => {
    const here = new Scene().expect(...objects).listen();
    expect(here.rows).toEqual([]);
    expect(here.watch.emptyText()).toContain(text);
  });
  it('is empty before objects are read', () => {
    expect(new Scene().watch.emptyText()).toContain('No objects of the cluster have been read yet');
  });
});

describe('an address', () => {
  it('is ok when the elected node answers', () => {
    const here = scene();
    here.see(here.asked(), here.answer('a'));
    expect(here.rows).toEqual([`${ip} ok`]);
    expect(here.watch.rows()[0]).toMatchObject({
      service: 'default/web',
      pool: 'p',
      owners: [{ mac: 'a', node: 'node-a' }],
    });
    expect(here.watch.counts()).toMatchObject({ ok: 1, missing: 0 });
  });
  it('is missing without an answer after grace', () => {
    const here = scene();
    here.see(here.asked(), here.answer('a')).after(10_000).see(here.asked()).after(10_000).see(here.asked());
    expect(here.rows).toEqual([`${ip} ok`]);
    here.after(1_000);
    expect(here.rows).toEqual([`${ip} pending`]);
    here.after(graceMs);
    expect(here.rows).toEqual([`${ip} missing`]);
    here.see(here.answer('a', ip, true));
    expect(here.rows).toEqual([`${ip} ok`]);
    expect(here.changes.slice(-3)).toEqual([`${ip} ok→pending`, `${ip} pending→missing`, `${ip} missing→ok`]);
  });
  it('is wrong after another node announces it, and ok when that node is elected', () => {
    const here = scene();
    here
      .see(here.asked(), here.answer('a'))
      .see(here.answer('b', ip, true))
      .after(graceMs);
    expect(here.rows).toEqual([`${ip} wrong-node`]);
    const onB = l2Advertisement('x', { nodeSelectors: [{ matchLabels: { 'kubernetes.io/hostname': 'node-b' } }] });
    here.expect(...nodes, p, onB, ...web);
    expect(here.rows).toEqual([`${ip} ok`]);
  });
  it('is assigned to a node that becomes known later', () => {
    const here = new Scene().expect(...nodes, p, onA, ...web);
    here.watch.onMessage({
      kind: 'interfaces',
      interfaces: [{ name: 'eth0', mac: '02:00:00:00:00:ff', addresses: ['192.0.2.9'], subnets: ['192.0.2.0/24'] }],
    });
    here.hears('arp-and-ndp');
    here.see(here.asked(), here.answer('a'));
    expect(here.watch.rows()[0]).toMatchObject({ verdict: 'unknown', reasonCode: 'mac-not-known' });
    here.see(here.answer('a', addressOf['a']));
    expect(here.rows).toEqual([`${ip} ok`]);
  });
  it('is unknown while the interface is missing, and known after an answer', () => {
    const here = scene();
    here.see(here.asked(), here.answer('a'));
    here.hears('nothing');
    expect(here.watch.rows()[0]).toMatchObject({ verdict: 'unknown', reasonCode: 'not-listening', owners: [] });
    here.listen();
    here.see(here.asked(), here.answer('a'));
    expect(here.rows).toEqual([`${ip} ok`]);
  });
  it('is unknown after the thread died', () => {
    const here = scene();
    here.see(here.asked(), here.answer('a'));
    here.watch.onMessage({ kind: 'failed', text: 'it died' });
    here.watch.tick();
    expect(here.rows).toEqual([`${ip} unknown`]);
    expect(here.watch.hearing).toEqual([{ name: 'eth0', listens: 'nothing', text: 'it died' }]);
  });
  it('of the node that is this host is unknown', () => {
    const own = node('node-a', 9);
    const here = new Scene().expect(own, ...nodes.slice(1), p, onA, ...web).listen();
    here.see(here.asked()).after(10_000).see(here.asked()).after(1_000);
    expect(here.watch.rows()[0]).toMatchObject({ verdict: 'unknown', reasonCode: 'own-host' });
  });
  it('of the pool without a Service is shown while a station answers', () => {
    const here = scene();
    here.see(here.answer('x', '198.51.100.9'), here.answer('b', '192.0.2.205', true)).after(graceMs);
    expect(here.rows).toContain('192.0.2.205 unexpected');
    expect(here.rows.join()).not.toContain('198.51.100.9');
    expect(here.watching.probes.map(({ address }) => address)).toContain('192.0.2.205');
    here.after(5_000).see(here.asked('192.0.2.205')).after(10_000).see(here.asked('192.0.2.205')).after(1_000);
    expect(here.rows.join()).not.toContain('192.0.2.205');
    here.after(600_000);
    expect(here.watching.probes.map(({ address }) => address)).not.toContain('192.0.2.205');
  });
  it('among many new ones causes only one command', () => {
    const here = scene();
    const before = here.commands.length;
    here.see(...[4, 5, 6, 7].map((last) => here.answer('b', `192.0.2.20${last}`, true)));
    expect(here.commands).toHaveLength(before + 1);
    expect(here.watching.probes.map(({ address }) => address)).toContain('192.0.2.207');
  });
  it('is still watched after its Service released it', () => {
    const here = scene();
    here.see(here.asked(), here.answer('a')).expect(...nodes, p, onA);
    here.see(here.asked(), here.answer('a')).after(graceMs);
    expect(here.rows).toEqual([`${ip} unexpected`]);
    here.expect(...nodes, p, onA, ...web);
    here.see(here.asked(), here.answer('a'));
    expect(here.rows).toEqual([`${ip} ok`]);
  });
  it('of two Services is ok or wrong for both', () => {
    const shared = { annotations: { 'metallb.io/allow-shared-ip': 'k' } };
    const here = new Scene()
      .expect(...nodes, p, onA, service('web', [ip], shared), slice('web', ['node-a']), service('db', [ip], shared))
      .listen();
    here.see(here.asked(), here.answer('a'));
    expect(here.watch.rows().map(({ service, reasonCode }) => `${service} ${reasonCode}`)).toEqual([
      'default/db shared',
      'default/web as-elected',
    ]);
  });
});

it('reads a large cluster in short slices', () => {
  const many = Array.from({ length: 1_000 }, (_, i) => `10.1.${i >> 8}.${i & 255}`);
  const cluster = Array.from({ length: 100 }, (_, i) => node(`n${i}`, 1, { address: `10.0.0.${i}` }));
  const here = new Scene();
  const services = many.flatMap((address, i) => [service(`s${i}`, [address]), slice(`s${i}`, ['n1'])]);
  here.watch.setExpectations(tableOf([...cluster, pool('p', ['10.1.0.0/16']), l2Advertisement('x'), ...services]));
  let longest = 0;
  for (let ticks = 0; here.watch.rows().length < many.length && ticks < 10_000; ticks++) {
    const start = performance.now();
    here.watch.tick();
    longest = Math.max(longest, performance.now() - start);
  }
  expect(here.watch.rows()).toHaveLength(many.length);
  expect(longest).toBeLessThan(500);
});

it('watches at most maxStrays addresses without a Service', () => {
  const here = new Scene().expect(...nodes, pool('p', ['10.0.0.0/16', `${ip}/32`]), onA, ...web).listen();
  const eth0 = { name: 'eth0', mac: '02:00:00:00:00:ff', addresses: ['192.0.2.9'] };
  here.watch.onMessage({ kind: 'interfaces', interfaces: [{ ...eth0, subnets: ['192.0.2.0/24', '10.0.0.0/16'] }] });
  const many = Array.from({ length: maxStrays + 5 }, (_, i) => here.answer('b', `10.0.${i >> 8}.${i & 255}`, true));
  here.see(...many).after(graceMs);
  const strays = here.watching.probes.filter(({ address }) => address.startsWith('10.0.'));
  expect(strays).toHaveLength(maxStrays);
});
