/** When the collector looks for diagnoses, what it tells the checks, and what it logs. */
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { Diagnoses, logTurn, maxLines } from '../../src/collector/diagnoses.ts';
import { createCalculator } from '../../src/metallb/calculator.ts';
import { assembleResources, readObject } from '../../src/metallb/objects/read.ts';
import { severities } from '../../src/metallb/problems/rule.ts';
import { down, factsOf, up } from '../diagnoses/facts.ts';
import { FakeRib } from '../support/fake-rib.ts';
import { advertisement, frr, type KubeObject, node, peer, pool } from '../support/metallb-objects.ts';

const start = Date.UTC(2026, 0, 1);

/** Diagnoses with a clock and an event loop that only the test moves. */
class Scene {
  readonly rib = new FakeRib();
  readonly lines: string[] = [];
  now = start;
  failure = 0;
  readonly #later: (() => void)[] = [];
  readonly diagnoses = new Diagnoses({
    strangers: () => [],
    facts: { ...factsOf({}), rib: this.rib },
    own: {
      asn: 64500,
      routerId: '192.0.2.1',
      neighbors: [{ range: '192.0.2.11/32', asn: 64512, password: 'secret' }],
    },
    log: pino(
      {},
      {
        write: (line: string) => {
          const { event, code } = JSON.parse(line) as { event: string; code: string };
          this.lines.push(`${event} ${code}`);
        },
      },
    ),
    now: () => this.now,
    schedule: (work) => this.#later.push(work),
    readNetstat: async () => `TcpExt: TCPMD5NotFound TCPMD5Unexpected TCPMD5Failure\nTcpExt: 0 0 ${this.failure}\n`,
  });

  /** Lets `ms` pass, ticking as the collector does, until everything that it set off is done. */
  async pass(ms: number): Promise<this> {
    const end = this.now + ms;
    while (this.now < end) {
      this.now += 250;
      this.diagnoses.tick();
      while (this.#later.length > 0) this.#later.shift()!();
      await Promise.resolve();
    }
    return this;
  }

  observe(...objects: KubeObject[]): void {
    const resources = assembleResources(objects.map((raw) => readObject({ raw })));
    this.diagnoses.observed(resources, createCalculator(frr).update(resources).table);
  }

  get codes(): string[] {
    return this.diagnoses.view.list().map(({ code }) => code);
  }
}

describe('diagnoses in the collector', () => {
  it('are found within seconds of a change, and gone when it is mended', async () => {
    const scene = new Scene();
    const nodes = [node('node-1', 11), peer('tor-1', { password: 'secret' }), pool('block', ['203.0.113.0/24'])];
    scene.observe(...nodes, advertisement('a', { peers: ['tor1'] }));
    await scene.pass(4_000);
    expect(scene.codes).toEqual(['peers-without-session']);
    scene.observe(...nodes, advertisement('a', { peers: ['tor-1'] }));
    await scene.pass(4_000);
    expect(scene.codes).toEqual([]);
    expect(scene.lines).toEqual(['diagnosis.found peers-without-session', 'diagnosis.gone peers-without-session']);
  });

  it('see what the kernel counts, and forget it after a minute', async () => {
    const scene = new Scene();
    await scene.pass(10_000);
    expect(scene.codes).toEqual([]);
    scene.failure = 5;
    await scene.pass(10_000);
    expect(scene.codes).toEqual(['tcp-md5']);
    await scene.pass(70_000);
    expect(scene.codes).toEqual([]);
  });

  it('go by the neighbors of a new configuration', async () => {
    const scene = new Scene();
    scene.rib.neighbor(1, up(1));
    await scene.pass(10_000);
    scene.failure = 5;
    scene.diagnoses.configure([{ range: '192.0.2.12/32', asn: 64512, password: 'secret' }]);
    await scene.pass(10_000);
    expect(scene.diagnoses.view.list()).toMatchObject([
      { code: 'tcp-md5', text: expect.stringContaining('192.0.2.12') },
    ]);
  });

  it('take only a small part of the time', async () => {
    const scene = new Scene();
    let looked = 0;
    Object.defineProperty(scene.rib, 'neighbors', {
      get: () => {
        looked++;
        return new Map();
      },
    });
    await scene.pass(250);
    const once = looked;
    await scene.pass(2_750);
    expect(looked).toBe(once);
    await scene.pass(3_000);
    expect(looked).toBeGreaterThan(once);
  });

  it('have a catalog from the first moment, and a time only after the first pass', async () => {
    const scene = new Scene();
    scene.rib.neighbor(1, down(1, {}));
    const { view } = scene.diagnoses;
    expect(view.evaluatedAt).toBeNull();
    expect(view.catalog().every(({ found }) => found === 0)).toBe(true);
    await scene.pass(250);
    expect(view.evaluatedAt).toBe(scene.now);
    expect(Object.keys(view.counts())).toEqual([...severities]);
  });
});

it('one pass logs at most maxLines diagnoses, and counts the others', () => {
  const lines: string[] = [];
  const write = (_: unknown, text: string): void => void lines.push(text);
  const found = Array.from({ length: maxLines + 2 }, () => ({ code: 'c', severity: 'warning', text: 't' }));
  logTurn({ warn: write, info: write } as never, { found, gone: found } as never);
  expect(lines).toHaveLength(2 * maxLines + 2);
  expect(lines.filter((line) => line.includes('more'))).toEqual(['2 more diagnoses', '2 more diagnoses are gone']);
});
