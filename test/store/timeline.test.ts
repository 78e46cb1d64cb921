import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { DifferenceAction } from '../../src/metallb/answers/differences.ts';
import { toMicros } from '../../src/store/database.ts';
import { maxHistoryRows, Retention } from '../../src/store/retention.ts';
import { timeline } from '../../src/store/timeline.ts';
import { maxReasons } from '../../src/store/timeline-objects.ts';
import {
  type ChangeAnswer,
  type ChangeQuery,
  type TimelinePosition,
  type TimelineQuery,
  type TimelineRow,
  timelineKinds,
} from '../../src/store/types.ts';
import type { VerdictWord } from '../../src/verdicts/types.ts';
import { Wire } from '../support/batches.ts';
import { Stored } from '../support/stored.ts';

const prefix = '203.0.113.1/32';
const node1 = '192.0.2.11';

let store: Stored;
afterEach(() => store.close());

/** Writes history as the collector would. */
class Scene {
  #change = 1;
  #set = 1;
  #finding = 1;

  constructor() {
    store = new Stored();
  }

  object(
    at: number,
    kind: string,
    key: string,
    more: { addresses?: string[]; prefix?: string; id?: number; times?: number } = {},
  ): number {
    const [namespace, name] = key.includes('/') ? (key.split('/') as [string, string]) : [undefined, key];
    const id = more.id ?? this.#change++;
    const change = {
      id,
      at,
      lastAt: at,
      times: more.times ?? 1,
      occasion: 'change' as const,
      action: 'changed' as const,
      object: { kind, name, ...(namespace && { namespace }), file: 'web.yaml', line: 7 },
      key,
      source: 'manifests',
      resourceVersion: null,
      manager: null,
      fields: [{ path: 'spec.type', from: 'LoadBalancer', to: 'ClusterIP' }],
      moreFields: 0,
      addresses: more.addresses ?? [],
      ...(more.prefix !== undefined && { prefix: more.prefix }),
    };
    store.command({ kind: 'objects', changes: [change], states: [] });
    return id;
  }

  expectation(
    at: number,
    action: DifferenceAction,
    { prefixes = [prefix], nodes = ['node-1'], objects = [] as number[], unrecordedPrefixes = 0 } = {},
  ): this {
    const sessions = { count: nodes.length, blocks: [{ nodes, bgpPeers: ['tor-1'] }] };
    const differences = prefixes.length === 0 ? [] : [{ difference: { action, fields: [], sessions }, prefixes }];
    store.command({
      kind: 'expectation-changes',
      set: { id: this.#set++, at, occasion: 'change', objects, moreObjects: 0, differences, unrecordedPrefixes },
    });
    return this;
  }

  finding(since: number, until: number | null, word: string, from: string | null, to: string | null, some = {}): this {
    const columns = { prefix, neighbor: 1, node: 'node-1', bgpPeer: 'tor-1', ...some };
    const verdict = JSON.stringify({ ...columns, verdict: word, reasonCode: 'r' });
    const row = {
      ...columns,
      since,
      word: word as VerdictWord,
      reason: 'r',
      verdict,
      from: from as VerdictWord | null,
    };
    store.command({
      kind: 'findings',
      findings: [{ id: this.#finding++, until, to: to as VerdictWord | null, row }],
    });
    return this;
  }

  get query(): TimelineQuery {
    return {
      prefix,
      nlris: store.view.nlris({ family: 4, bytes: Uint8Array.of(203, 0, 113, 1), length: 32 }),
      neighbors: [1],
      objects: [],
      kinds: [...timelineKinds],
      limit: 100,
    };
  }

  ask(some: Partial<TimelineQuery> = {}) {
    store.settle();
    return store.queries.timeline({ ...this.query, ...some });
  }

  rows = (some: Partial<TimelineQuery> = {}): string[] => this.ask(some).rows.map(brief);
}

/** Changes, newest first, of which only a few records are looked at for one answer. */
function stingy(queries: Stored['queries'], asked: ChangeQuery): ChangeAnswer {
  const until = Math.min(asked.until ?? 0, store.rib.seq);
  const since = Math.max(0, until - 2);
  const answer = queries.changes({ ...asked, since, until });
  if (!answer.complete || since === 0) return answer;
  return { ...answer, through: since, complete: false };
}

function brief(row: TimelineRow): string {
  switch (row.kind) {
    case 'object':
      return `${row.at} ${row.object.kind} ${row.action}`;
    case 'expectation': {
      if (row.action === 'not-recorded') return `${row.at} not recorded`;
      const names = row.because.map(({ object }) => `${object.kind}/${object.name}`);
      return `${row.at} ${row.action} on ${row.sessions.count}${names.length ? ` because of ${names}` : ''}`;
    }
    case 'session':
      return `${row.at} ${row.neighbor} ${row.event}`;
    case 'route':
      return `${row.change.at} ${row.change.neighbor} ${row.change.action}`;
    case 'verdict':
      return `${row.at} ${row.from} → ${row.to}`;
    default:
      return row satisfies never;
  }
}

/** An edit at 2 s, the withdrawal half a second later, both seen by everything there is. */
function editAndWithdrawal(): Scene {
  const scene = new Scene();
  store.apply(new Wire(1_000).establish(1, node1).announce(1, [prefix]).take());
  const edit = scene.object(2_000, 'Service', 'default/web', { addresses: ['203.0.113.1'] });
  scene.expectation(2_000, 'no-longer-expected', { objects: [edit] });
  scene.finding(2_000, 2_500, 'pending', 'ok', null);
  store.apply(new Wire(2_500).withdraw(1, [prefix]).take());
  return scene;
}

const story = [
  '2500 pending → null',
  '2500 1 withdrawn',
  '2000 ok → pending',
  '2000 no-longer-expected on 1 because of Service/web',
  '2000 Service changed',
  '1001 1 announced',
  '1000 1 established',
];

describe('the timeline of a prefix', () => {
  it('is everything that happened to it, newest first, what caused it below', () => {
    expect(editAndWithdrawal().rows()).toEqual(story);
  });

  it('comes out the same page by page, whatever their size', () => {
    const scene = editAndWithdrawal();
    for (let limit = 1; limit <= story.length + 1; limit++) {
      const seen: string[] = [];
      let answer = scene.ask({ limit });
      seen.push(...answer.rows.map(brief));
      while (answer.next) {
        answer = scene.ask({ limit, after: answer.next });
        seen.push(...answer.rows.map(brief));
      }
      expect(seen).toEqual(story);
    }
  });

  it('has everything although the clock was set back, in pages of any size, each kind in the order in which it happened', () => {
    const scene = new Scene();
    store.apply(new Wire(10_000).establish(1, node1).announce(1, [prefix]).take());
    store.apply(new Wire(12_000).withdraw(1, [prefix]).take());
    store.apply(new Wire(5_000).announce(1, [prefix]).take());
    store.apply(new Wire(6_000).down(1, node1).establish(1, node1).take());
    const whole = scene.rows();
    expect(whole).toEqual([
      '6001 1 established',
      '6000 1 withdrawn',
      '6000 1 down',
      '10000 1 established',
      '5000 1 announced',
      '12000 1 withdrawn',
      '10001 1 announced',
    ]);
    for (let limit = 1; limit <= whole.length; limit++) {
      const seen: string[] = [];
      for (let answer = scene.ask({ limit }); ; answer = scene.ask({ limit, after: answer.next! })) {
        seen.push(...answer.rows.map(brief));
        if (!answer.next) break;
      }
      expect(seen).toEqual(whole);
    }
  });

  it('has everything of a time span, also what was stored before the clock was set back', () => {
    const scene = new Scene();
    store.apply(new Wire(10_000).establish(1, node1).announce(1, [prefix]).take());
    store.apply(new Wire(2_000).down(1, node1).establish(1, node1).take());
    store.apply(new Wire(11_000).down(1, node1).take());
    for (const since of [9_000, 10_500]) {
      const asked = scene.rows().filter((row) => Number.parseInt(row, 10) >= since);
      expect(scene.rows({ since }).sort()).toEqual(asked.sort());
    }
  });

  // the bounds maxScannedSets, maxScannedDifferences and maxScannedEvents
  it('comes out the same whatever happened when, in pages of any size, however little is scanned at a time', () => {
    const scan = { sets: 2, differences: 2, events: 2 };
    const event = fc.record({
      kind: fc.constantFrom('object', 'expectation', 'finding', 'route', 'session'),
      later: fc.constantFrom(0, 0, 1, 100),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), fc.integer({ min: 1, max: 5 }), (events, limit) => {
        const scene = new Scene();
        let isThere = false;
        let at = 1_000;
        for (const { kind, later } of events) {
          at += later;
          if (kind === 'object') scene.object(at, 'Service', 'default/web', { addresses: ['203.0.113.1'] });
          else if (kind === 'expectation') scene.expectation(at, 'expected');
          else if (kind === 'finding') scene.finding(at, at + 50, 'missing', 'ok', 'ok');
          else if (kind === 'session') store.apply(new Wire(at++).down(1, node1).establish(1, node1).take());
          else store.apply((isThere ? new Wire(at).withdraw(1, [prefix]) : new Wire(at).announce(1, [prefix])).take());
          if (kind === 'session' || kind === 'route') isThere = kind === 'route' && !isThere;
        }
        const whole = scene.ask({ limit: 1_000 });
        const query = { ...scene.query, limit };
        // what asks for changes gets at most those of two batches at a time
        const changes = (asked: ChangeQuery) => stingy(store.queries, asked);
        const seen: TimelineRow[] = [];
        let pages = 0;
        for (let next: TimelinePosition | null | undefined; next !== null && pages < 500; pages++) {
          const answer = timeline(store.db, { changes }, { ...query, ...(next && { after: next }) }, scan);
          seen.push(...answer.rows);
          next = answer.next;
        }
        expect(whole.next).toBeNull();
        expect(seen).toEqual(whole.rows);
        store.close();
      }),
      { numRuns: 15 },
    );
    store = new Stored();
  });

  it('is there after a crash', () => {
    const scene = editAndWithdrawal();
    store.settle();
    store.crash();
    expect(scene.rows({ neighbors: [] })).toEqual(story);
  });

  it.each<[string, Partial<TimelineQuery>, string[]]>([
    ['of some kinds', { kinds: ['route', 'object'] }, [story[1]!, story[4]!, story[5]!]],
    ['since', { since: 2_000 }, story.slice(0, 5)],
    ['until', { until: 2_000 }, story.slice(2)],
    ['of another node', { node: 'node-2', only: [] }, [story[4]!]],
    ['of its own node', { node: 'node-1', only: [1] }, story],
    ['of another neighbor', { node: 'node-1', bgpPeer: 'tor-2', only: [2] }, [story[4]!]],
  ])('%s', (_, query, rows) => expect(editAndWithdrawal().rows(query)).toEqual(rows));

  it('leaves out what is about other prefixes', () => {
    const scene = editAndWithdrawal();
    const other = scene.object(3_000, 'Service', 'default/other', { addresses: ['203.0.113.2'] });
    scene.expectation(3_000, 'expected', { prefixes: ['203.0.113.2/32'], objects: [other] });
    scene.object(3_000, 'BGPPeer', 'metallb-system/tor-9');
    store.apply(new Wire(4_000).announce(1, ['203.0.113.2/32']).take());
    expect(scene.rows()).toEqual(story);
  });

  it('has the objects that its expectations come from now, whatever their change did', () => {
    const scene = editAndWithdrawal();
    scene.object(3_000, 'BGPAdvertisement', 'metallb-system/adv');
    expect(scene.rows({ objects: [['BGPAdvertisement', 'metallb-system/adv']] })[0]).toBe(
      '3000 BGPAdvertisement changed',
    );
  });

  it('has hand-written rules that name just this prefix', () => {
    const scene = editAndWithdrawal();
    scene.object(3_000, 'OverlayRule', 'dns', { prefix });
    scene.object(3_000, 'OverlayRule', 'others', { prefix: '203.0.113.0/24' });
    expect(scene.rows({ kinds: ['object'] })).toEqual(['3000 OverlayRule changed', '2000 Service changed']);
    expect(scene.rows({ kinds: ['object'], prefix: '203.0.113.0/24' })).toEqual([
      '3000 OverlayRule changed',
      '2000 Service changed',
    ]);
  });

  it('an object that changes all the time is one row, as it is written last', () => {
    const scene = editAndWithdrawal();
    scene.object(2_000, 'Service', 'default/web', { addresses: ['203.0.113.1'], id: 1, times: 5 });
    expect(scene.ask({ kinds: ['object'] }).rows).toMatchObject([{ times: 5 }]);
  });
});

describe('why expectations changed', () => {
  it.each<[string, [kind: string, key: string, addresses?: string[]][], string]>([
    [
      'the service among others',
      [
        ['Service', 'default/web', ['203.0.113.1']],
        ['Service', 'default/other', ['203.0.113.9']],
      ],
      'Service/web',
    ],
    [
      'the node among others',
      [
        ['Node', 'node-1'],
        ['Node', 'node-2'],
      ],
      'Node/node-1',
    ],
    [
      'configuration, always',
      [
        ['Community', 'metallb-system/c'],
        ['Service', 'default/other', ['203.0.113.9']],
      ],
      'Community/c',
    ],
    ['everything, where nothing has to do with it', [['Service', 'default/other', ['203.0.113.9']]], 'Service/other'],
  ])('%s', (_, objects, because) => {
    const scene = new Scene();
    const ids = objects.map(([kind, key, addresses = []]) => scene.object(2_000, kind, key, { addresses }));
    scene.expectation(2_000, 'no-longer-expected', { objects: ids });
    expect(scene.rows({ kinds: ['expectation'] })).toEqual([`2000 no-longer-expected on 1 because of ${because}`]);
  });

  it('at most maxReasons objects are named, and the rest are counted', () => {
    const scene = new Scene();
    const ids = Array.from({ length: maxReasons + 5 }, (_, i) =>
      scene.object(2_000, 'Community', `metallb-system/${i}`),
    );
    scene.expectation(2_000, 'expected', { objects: ids });
    const [row] = scene.ask({ kinds: ['expectation'] }).rows;
    expect(row).toMatchObject({ because: { length: maxReasons }, moreBecause: 5 });
  });

  it('an aggregate has the services inside it', () => {
    const scene = new Scene();
    const id = scene.object(2_000, 'Service', 'default/web', { addresses: ['203.0.113.77'] });
    scene.expectation(2_000, 'expected', { prefixes: ['203.0.113.0/24'], objects: [id] });
    expect(scene.rows({ prefix: '203.0.113.0/24', nlris: [] })).toEqual([
      '2000 expected on 1 because of Service/web',
      '2000 Service changed',
    ]);
  });

  it('what could not be recorded is said', () => {
    const scene = new Scene().expectation(2_000, 'expected', { prefixes: [], unrecordedPrefixes: 5 });
    expect(scene.rows()).toEqual(['2000 not recorded']);
    expect(scene.rows({ until: 1_999 })).toEqual([]);
  });
});

describe('verdicts', () => {
  it('that follow one another are one entry each', () => {
    const scene = new Scene()
      .finding(1_000, 2_000, 'pending', null, 'missing')
      .finding(2_000, 3_000, 'missing', 'pending', 'ok')
      .finding(4_000, null, 'unexpected', null, null);
    expect(scene.rows()).toEqual([
      '4000 null → unexpected',
      '3000 missing → ok',
      '2000 pending → missing',
      '1000 null → pending',
    ]);
  });

  it('that a restart ended are no recovery', () => {
    const scene = new Scene().finding(1_000, null, 'missing', 'ok', null);
    store.settle();
    store.db.prepare("UPDATE findings SET until = ?, to_word = 'restart'").run(toMicros(5_000));
    expect(scene.rows()).toEqual(['5000 missing → restart', '1000 ok → missing']);
  });
});

describe('sets', () => {
  it('that are equal are kept once', () => {
    const scene = new Scene();
    for (let i = 1; i <= 10; i++) scene.expectation(i, i % 2 ? 'expected' : 'no-longer-expected');
    store.settle();
    const count = (table: string): unknown => store.db.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
    expect(['expectation_changes', 'session_sets', 'prefix_sets', 'prefix_set_members'].map(count)).toEqual([
      10, 1, 1, 1,
    ]);
  });
});

describe('retention', () => {
  const tables = [
    'object_changes',
    'object_addresses',
    'change_sets',
    'expectation_changes',
    'session_sets',
    'prefix_sets',
    'prefix_set_members',
  ];
  const counts = (): unknown[] =>
    tables.map((table) => store.db.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
  const clean = (maxAgeMs: number, now: number): void => {
    const retention = new Retention(store.db, { maxAgeMs, maxBytes: Number.POSITIVE_INFINITY }, () => now);
    while (retention.slice());
  };

  it('takes history away with everything that only it spoke of', () => {
    const scene = editAndWithdrawal();
    const kept = scene.object(9_000, 'Service', 'default/more', { addresses: ['203.0.113.3'] });
    scene.expectation(9_000, 'expected', {
      prefixes: ['203.0.113.3/32'],
      nodes: ['node-1', 'node-2'],
      objects: [kept],
    });
    store.settle();
    expect(counts()).toEqual([2, 2, 2, 2, 2, 2, 2]);
    clean(5_000, 10_000);
    expect(counts()).toEqual([1, 1, 1, 1, 1, 1, 1]);
    clean(5_000, 20_000);
    expect(counts()).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });

  it('keeps no more than a number of changes, however young', () => {
    const scene = new Scene();
    scene.object(1, 'Service', 'default/web');
    scene.object(2, 'Service', 'default/web', { id: maxHistoryRows + 1 });
    store.settle();
    clean(1e12, 10);
    expect(counts()[0]).toBe(1);
  });
});
