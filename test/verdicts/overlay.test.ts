/** Hand-written rules beside what objects ask for: verdicts, reasons, words, and when they change. */
import { describe, expect, test } from 'vitest';
import { allExpectations } from '../../src/metallb/expectations/expectation-change.ts';
import { overlayRules, type Written } from '../overlay/rules.ts';
import { setWallClock } from '../support/wall-clock.ts';
import { expectation, type FakeTableInput } from './fake-table.ts';
import { grace, restore, Scene, start } from './scene.ts';

const web = '203.0.113.1/32';
const dns = '203.0.113.53/32';
const nodes = { 'node-1': ['192.0.2.11'], 'node-2': ['192.0.2.12'], 'node-3': ['192.0.2.13'] };
const cluster: FakeTableInput = { nodes, routes: [{ node: 'node-1', prefix: web }] };

class Ruled extends Scene {
  rules(...written: Written[]): this {
    this.engine.setOverlay(overlayRules(...written));
    return this.settle();
  }

  /** `node-1 ok as-expected`, `rule-1 missing must-missing`: every row of a prefix. */
  rows(prefix: string): string[] {
    return this.engine
      .ofPrefix(prefix)
      .map((v) => `${v.rule ?? v.node ?? `#${v.neighbor}`} ${v.verdict} ${v.reasonCode}`);
  }

  text(prefix: string, code: string): string {
    return this.engine.ofPrefix(prefix).find(({ reasonCode }) => reasonCode === code)!.reasonText;
  }
}

/** Three nodes that are up; node-1 announces what it should, nobody `dns`. */
const calm = (): Ruled => {
  const scene = new Ruled().expect(cluster).up(1).up(2).up(3).announce(1, web).pass(grace);
  scene.news();
  return scene;
};

describe('must, beside objects that ask for nothing of the kind', () => {
  const three = ['node-1', 'node-2', 'node-3'];
  const cases: [string, Partial<Written>, (scene: Ruled) => void, string[]][] = [
    ['nobody announces it', {}, () => {}, ['rule-1 missing must-missing']],
    [
      'one is enough where none is named',
      {},
      (s) => s.announce(2, dns),
      ['rule-1 ok must-kept', 'node-2 ok must-announced'],
    ],
    [
      'the node that is named',
      { node: 'node-2' },
      (s) => s.announce(2, dns),
      ['node-2 ok must-announced', 'rule-1 ok must-kept'],
    ],
    [
      'another node: nobody asked for that',
      { node: 'node-2' },
      (s) => s.announce(3, dns),
      ['rule-1 missing must-missing', 'node-3 unexpected no-expectation'],
    ],
    [
      'two of three are enough',
      { node: three, atLeast: 2 },
      (s) => s.announce(1, dns).announce(3, dns),
      ['rule-1 ok must-kept', 'node-1 ok must-announced', 'node-3 ok must-announced'],
    ],
    [
      'one of three is not',
      { node: three, atLeast: 2 },
      (s) => s.announce(3, dns),
      ['rule-1 missing must-missing', 'node-3 ok must-announced'],
    ],
    [
      'all of them, where no number is given',
      { node: three },
      (s) => s.announce(1, dns).announce(2, dns),
      ['rule-1 missing must-missing', 'node-1 ok must-announced', 'node-2 ok must-announced'],
    ],
    [
      'to the peer that is named',
      { bgpPeer: 'tor' },
      (s) => s.announce(1, dns),
      ['node-1 ok must-announced', 'rule-1 ok must-kept'],
    ],
    [
      'to another peer',
      { bgpPeer: 'other' },
      (s) => s.announce(1, dns),
      ['rule-1 missing must-missing', 'node-1 unexpected no-expectation'],
    ],
    [
      'from the neighbor that is named',
      { neighbor: '192.0.2.12' },
      (s) => s.announce(2, dns),
      ['rule-1 ok must-kept', 'node-2 ok must-announced'],
    ],
    [
      'with the communities that are wanted, among others',
      { communities: ['64512:1'] },
      (s) => s.announce(2, dns, { communities: ['64512:2', '64512:1'] }),
      ['rule-1 ok must-kept', 'node-2 ok must-announced'],
    ],
    [
      'without them',
      { communities: ['64512:1'] },
      (s) => s.announce(2, dns),
      ['rule-1 mismatch must-mismatch', 'node-2 ok must-announced'],
    ],
    [
      'with the local preference, next hop and path that are wanted',
      { localPref: 200, nextHop: ['192.0.2.99', '192.0.2.98'], asPath: [64512, 64512] },
      (s) => s.announce(2, dns, { localPref: 200, nextHop: '192.0.2.98', asPath: [64512, 64512] }),
      ['rule-1 ok must-kept', 'node-2 ok must-announced'],
    ],
    [
      'with others',
      { localPref: 200, nextHop: '192.0.2.99', asPath: [64512, 64512] },
      (s) => s.announce(2, dns, { localPref: 100 }),
      ['rule-1 mismatch must-mismatch', 'node-2 ok must-announced'],
    ],
    [
      'one of two has them: enough where one is asked for',
      { communities: ['64512:1'] },
      (s) => s.announce(1, dns).announce(2, dns, { communities: ['64512:1'] }),
      ['rule-1 ok must-kept', 'node-1 ok must-announced', 'node-2 ok must-announced'],
    ],
    ['a node that does not exist', { node: 'node-9' }, () => {}, ['rule-1 missing must-missing']],
  ];
  test.each(cases)('%s', (_, some, happen, rows) => {
    const scene = calm().rules({ rule: 'must', prefix: dns, ...some });
    happen(scene);
    expect(scene.pass(grace).rows(dns).sort()).toEqual(rows.sort());
  });
});

describe('the row of a must rule', () => {
  test('says who announces and who does not, with the rule, its owner and its reason', () => {
    const scene = calm()
      .rules({ rule: 'must', prefix: dns, id: 'anycast', node: ['node-1', 'node-2', 'node-9'], owner: 'dns-team' })
      .announce(1, dns)
      .down(2)
      .pass(grace);
    expect(scene.text(dns, 'must-missing')).toBe(
      '203.0.113.53/32 is missing: 1 of 3 nodes announce it, but rule anycast (owner dns-team) requires ' +
        'node-1, node-2, node-9 to announce it. node-2: its session is down; node-9: no session of it is known. ' +
        'Reason: planned.',
    );
    expect(scene.engine.ofPrefix(dns).find(({ rule }) => rule === 'anycast')).toMatchObject({
      neighbor: null,
      node: null,
      expected: null,
      received: null,
      overlay: { id: 'anycast', rule: 'must', owner: 'dns-team', reason: 'planned', expires: null },
      evidence: [{ kind: 'object', ref: 'OverlayRule/anycast', text: 'expectations.yaml' }],
    });
  });

  test('names the attributes that differ', () => {
    const scene = calm()
      .rules({ rule: 'must', prefix: dns, node: 'node-1', localPref: 200 })
      .announce(1, dns, { localPref: 100 })
      .pass(grace);
    const [row] = scene.engine.ofPrefix(dns).filter(({ rule }) => rule !== null);
    expect(row).toMatchObject({ verdict: 'mismatch', fields: ['localPref'], node: 'node-1' });
    expect(row!.reasonText).toContain('with local preference 200. node-1: announces it with localPref 100.');
  });

  test('gives grace from when the rule came, then follows each announcement and withdrawal', () => {
    const scene = calm().rules({ rule: 'must', prefix: dns });
    expect(scene.rows(dns)).toEqual(['rule-1 pending grace']);
    expect(scene.pass(grace - 1).rows(dns)).toEqual(['rule-1 pending grace']);
    expect(scene.pass(1).rows(dns)).toEqual(['rule-1 missing must-missing']);
    scene.news();
    scene.announce(2, dns);
    expect(scene.news()).toEqual([`#null ${dns}: missing → ok (must-kept)`]);
    scene.withdraw(2, dns);
    expect(scene.news()).toEqual([`#null ${dns}: ok → missing (must-missing)`]);
  });

  test('another reason or owner is no new rule; other nodes are', () => {
    const rule: Written = { rule: 'must', prefix: dns };
    const scene = calm().rules(rule).pass(grace);
    expect(scene.rules({ ...rule, owner: 'noc' }).rows(dns)).toEqual(['rule-1 missing must-missing']);
    expect(scene.text(dns, 'must-missing')).toContain('(owner noc)');
    expect(scene.rules({ ...rule, localPref: 1 }).rows(dns)).toEqual(['rule-1 pending grace']);
  });

  test('waits for tables that are not complete, and for sessions that come back after our restart', () => {
    const scene = new Ruled().expect(cluster).rules({ rule: 'must', prefix: dns, node: 'node-1' }).pass(grace);
    scene.neighbor(1, { node: 'node-1', bgpPeer: 'tor', state: 'established', session: 1, establishedAt: scene.now });
    expect(scene.pass(grace).rows(dns)).toEqual(['rule-1 pending not-synced']);
    scene.neighbor(1, { state: 'idle', establishedAt: start - 1, restored: true });
    expect(scene.rows(dns)).toEqual(['rule-1 unknown must-unknown']);
    expect(scene.pass(restore).rows(dns)).toEqual(['rule-1 missing must-missing']);
  });

  test('a stale route counts, unless it is from before our restart and not confirmed', () => {
    const scene = calm().rules({ rule: 'must', prefix: dns, node: 'node-1' }).announce(1, dns).pass(grace);
    expect(scene.down(1, { keep: true }).rows(dns)).toEqual(['rule-1 ok must-kept', 'node-1 stale graceful-restart']);
    scene.neighbor(1, { restored: true, establishedAt: start - 1, lastDown: null });
    expect(scene.rows(dns)).toEqual(['rule-1 unknown must-unknown', 'node-1 stale restored']);
    scene.neighbor(1, { state: 'established', synced: false });
    expect(scene.rows(dns)).toEqual(['rule-1 pending not-synced', 'node-1 stale restored']);
    expect(scene.announce(1, dns).rows(dns)).toEqual(['rule-1 ok must-kept', 'node-1 ok must-announced']);
  });

  test('goes when the rule goes', () => {
    const scene = calm().rules({ rule: 'must', prefix: dns }).pass(grace);
    scene.news();
    expect(scene.rules().rows(dns)).toEqual([]);
    expect(scene.news()).toEqual([`#null ${dns}: missing → null (gone)`]);
  });
});

describe('must-not', () => {
  test('a route that nobody asked for is forbidden rather than unexpected', () => {
    const scene = calm().rules({ rule: 'must-not', prefix: '203.0.113.0/24', match: 'longer' }).announce(2, dns);
    expect(scene.pass(grace).rows(dns)).toEqual(['node-2 unexpected must-not-announced']);
  });

  test('it forbids what objects ask for, and says that they do', () => {
    const scene = calm().rules({ rule: 'must-not', prefix: web, node: 'node-1', id: 'drained' });
    expect(scene.rows(web)).toEqual(['node-1 pending grace']);
    expect(scene.pass(grace).rows(web)).toEqual(['node-1 unexpected must-not-announced']);
    expect(scene.text(web, 'must-not-announced')).toBe(
      'node-1 → tor (192.0.2.11) announces 203.0.113.1/32 via 192.0.2.11, but rule drained (owner net-team) forbids it. ' +
        `Expected for Service default/${web} (203.0.113.1, pool pool) by BGPAdvertisement adv. Reason: planned.`,
    );
    expect(scene.withdraw(1, web).rows(web)).toEqual([]);
  });

  test('whom it does not name is as before', () => {
    const scene = calm().rules({ rule: 'must-not', prefix: web, node: 'node-2' });
    expect(scene.pass(grace).rows(web)).toEqual(['node-1 ok as-expected']);
  });
});

describe('ignore', () => {
  const ignore = (some: Partial<Written> = {}): Written => ({ rule: 'ignore', prefix: web, ...some });
  const cases: [string, Written, (scene: Ruled) => void, string][] = [
    ['a route that is missing', ignore(), (s) => s.withdraw(1, web), 'suppressed suppressed'],
    ['a session that is down', ignore(), (s) => s.down(1), 'suppressed suppressed'],
    ['a stale route', ignore(), (s) => s.down(1, { keep: true }), 'suppressed suppressed'],
    ['an attribute that differs', ignore(), (s) => s.announce(1, web, { med: 7 }), 'suppressed suppressed'],
    ['what is all right', ignore(), () => {}, 'ok as-expected'],
    [
      'another verdict than it names',
      ignore({ verdict: 'unexpected' }),
      (s) => s.withdraw(1, web),
      'missing route-missing',
    ],
    ['the verdict that it names', ignore({ verdict: ['missing'] }), (s) => s.withdraw(1, web), 'suppressed suppressed'],
    [
      'the attribute that it names',
      ignore({ fields: ['med'] }),
      (s) => s.announce(1, web, { med: 7 }),
      'suppressed suppressed',
    ],
    [
      'another attribute beside it',
      ignore({ fields: ['med'] }),
      (s) => s.announce(1, web, { med: 7, localPref: 1 }),
      'mismatch attributes-mismatch',
    ],
    [
      'a missing route, with attributes named',
      ignore({ fields: ['med'] }),
      (s) => s.withdraw(1, web),
      'missing route-missing',
    ],
    ['another node', ignore({ node: 'node-2' }), (s) => s.withdraw(1, web), 'missing route-missing'],
    [
      'a table that is not complete: that is a doubt, not a difference',
      ignore(),
      (s) => s.down(1).neighbor(1, { state: 'established', synced: false }),
      'pending not-synced',
    ],
  ];
  test.each(cases)('%s', (_, rule, happen, row) => {
    const scene = calm().rules(rule);
    happen(scene);
    expect(scene.rows(web)).toEqual([`node-1 ${row}`]);
  });

  test('it says what is accepted, by whom, why and until when', () => {
    const scene = calm()
      .rules(ignore({ id: 'drain', reason: 'node-1 is being replaced', owner: 'noc' }))
      .withdraw(1, web);
    expect(scene.text(web, 'suppressed')).toBe(
      'Accepted until 2026-07-01T00:00:00.000000Z by rule drain (owner noc). Reason: node-1 is being ' +
        `replaced. The difference: node-1 → tor (192.0.2.11) does not announce ${web}, although the session is up and ` +
        `its initial table is complete. Expected for Service default/${web} (203.0.113.1, pool pool) by BGPAdvertisement ` +
        'adv. Check the log of the speaker on node-1, and whether it applied its configuration.',
    );
    expect(scene.engine.ofPrefix(web)[0]!.overlay).toMatchObject({ id: 'drain', rule: 'ignore', owner: 'noc' });
  });

  test('it is counted as suppressed, does not make a service failing, and is found by its word', () => {
    const scene = calm().rules(ignore()).withdraw(1, web);
    expect(scene.engine.summary()).toMatchObject({
      verdicts: { suppressed: 1, missing: 0 },
      services: { ok: 1, failing: 0 },
    });
    expect(scene.engine.list({ verdict: ['suppressed'] }, undefined, 10).rows).toHaveLength(1);
  });

  test('it stops at its instant, by itself', () => {
    const expires = new Date(start + 10 * grace).toISOString();
    const scene = calm().rules(ignore({ expires })).withdraw(1, web);
    expect(scene.engine.nextDeadline()).toBe(start + 10 * grace);
    scene.news();
    scene.pass(start + 10 * grace - scene.now - 1);
    expect(scene.news()).toEqual([]);
    scene.pass(1);
    expect(scene.news()).toEqual([`node-1 ${web}: suppressed → missing (route-missing)`]);
  });

  test('it stops when the wall clock is set past its instant', async () => {
    const scene = calm()
      .rules(ignore({ expires: new Date(start + 10 * grace).toISOString() }))
      .withdraw(1, web);
    scene.pass(2 * grace);
    scene.news();
    await setWallClock(10 * grace);
    scene.pass(1);
    expect(scene.news()).toEqual([`node-1 ${web}: suppressed → missing (route-missing)`]);
  });

  test('it accepts what another rule forbids', () => {
    const scene = calm().rules({ rule: 'must-not', prefix: web }, ignore({ verdict: 'unexpected' }));
    expect(scene.rows(web)).toEqual(['node-1 suppressed suppressed']);
  });
});

describe('without any objects', () => {
  const alone = (...rules: Written[]): Ruled =>
    new Ruled({ emptyText: () => 'no manifests' })
      .rules(...rules)
      .up(1, null, null)
      .up(2, null, null);

  test('only what rules speak of has a verdict', () => {
    const scene = alone(
      { rule: 'must', prefix: dns, neighbor: ['192.0.2.11', '192.0.2.12'] },
      { rule: 'must-not', prefix: web },
    )
      .announce(1, dns)
      .announce(1, web)
      .announce(1, '198.51.100.0/24')
      .pass(grace);
    expect(scene.rows(dns)).toEqual(['rule-1 missing must-missing', '#1 ok must-announced']);
    expect(scene.text(dns, 'must-missing')).toContain('1 of 2 neighbors announce it');
    expect(scene.rows(web)).toEqual(['#1 unexpected must-not-announced']);
    expect(scene.rows('198.51.100.0/24')).toEqual([]);
    expect(scene.engine.word(1, scene.rib.nlri('198.51.100.0/24'))).toBeNull();
    expect(scene.engine.summary()).toMatchObject({
      emptyText: null,
      sessions: { expected: 0, established: 0 },
      verdicts: { ok: 1, missing: 1, unexpected: 1 },
    });
  });

  test('a neighbor that never came is missed', () => {
    const scene = alone({ rule: 'must', prefix: dns, neighbor: '192.0.2.77' }).pass(grace);
    expect(scene.text(dns, 'must-missing')).toContain('192.0.2.77: no session of it is known.');
  });

  test('ignore rules alone are nothing to compare with', () => {
    const scene = alone({ rule: 'ignore', prefix: web }).announce(1, web);
    expect(scene.rows(web)).toEqual([]);
    expect(scene.engine.summary().emptyText).toBe('no manifests');
  });

  test('what was there before objects come is judged by them then, and no more when they go', () => {
    const scene = alone({ rule: 'must', prefix: dns }).announce(1, '198.51.100.0/24').announce(1, dns).pass(grace);
    scene.expect(cluster).neighbor(1, { node: 'node-1', bgpPeer: 'tor' }).pass(grace);
    expect(scene.rows('198.51.100.0/24')).toEqual(['node-1 unexpected no-expectation']);
    scene.engine.setExpectations(null, allExpectations);
    expect(scene.settle().rows('198.51.100.0/24')).toEqual([]);
    expect(scene.rows(dns)).toEqual(['rule-1 ok must-kept', 'node-1 ok must-announced']);
  });

  test('the last rule that expires leaves nothing behind', () => {
    const expires = new Date(start + 2 * grace).toISOString();
    const scene = alone({ rule: 'must', prefix: dns, expires })
      .announce(1, dns)
      .pass(3 * grace);
    expect(scene.rows(dns)).toEqual([]);
    expect(scene.engine.summary().emptyText).toBe('no manifests');
  });
});

describe('lists', () => {
  test('rows of rules have their place, pages join up, and filters find them by the nodes that they name', () => {
    const scene = calm().rules(
      { rule: 'must', prefix: web, node: ['node-1', 'node-2'] },
      { rule: 'must', prefix: web, node: 'node-1', bgpPeer: 'tor' },
    );
    const all = (filter: object): string[] => {
      const lines: string[] = [];
      for (let after: Parameters<typeof scene.engine.list>[1], more = true; more; more = after !== undefined) {
        const page = scene.engine.list(filter, after, 1);
        lines.push(...page.rows.map(({ rule, node }) => `${rule} ${node}`));
        after = page.next;
      }
      return lines;
    };
    expect(all({})).toEqual(['rule-1 null', 'rule-2 node-1', 'null node-1']);
    expect(all({ node: 'node-2' })).toEqual(['rule-1 null']);
    expect(all({ bgpPeer: 'tor' })).toEqual(['rule-2 node-1', 'null node-1']);
    expect(all({ service: expectation({ node: 'node-1', prefix: web }).chain[0]!.service })).toEqual(['null node-1']);
  });
});
