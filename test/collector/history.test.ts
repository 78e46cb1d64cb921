import { describe, expect, it } from 'vitest';
import { continueFrom } from '../../src/collector/earlier.ts';
import { maxChangesPerMinute } from '../../src/collector/frequent.ts';
import { ExpectationHistory, maxContentLength, maxObjectsPerSet, maxWaitingSets } from '../../src/collector/history.ts';
import { createCalculator } from '../../src/metallb/calculator.ts';
import type { ExpectationTable } from '../../src/metallb/expectations/table.ts';
import { assembleResources, type ReadResult, readObject } from '../../src/metallb/objects/read.ts';
import type { Resources } from '../../src/metallb/objects/resources.ts';
import type { HistoryCommand, RestoredHistory } from '../../src/store/history.ts';
import { overlayRules, type Written } from '../overlay/rules.ts';
import { advertisement, frr, type KubeObject, node, peer, pool, service, slice } from '../support/metallb-objects.ts';

const nothing: RestoredHistory = { objects: [], held: [], nextObjectChange: 1, nextChangeSet: 1 };
const prefix = '203.0.113.1/32';

/** A history whose clock, store and turns are this test's. */
function setUp({ restored = nothing, form = '1', maxPrefixes = 100 } = {}) {
  const posted: HistoryCommand[] = [];
  const turns: (() => void)[] = [];
  const news: string[] = [];
  const { calculator, earlier } = continueFrom(() => createCalculator(frr), restored, form);
  const read = new Map<KubeObject, ReadResult>();
  let now = 0;
  let resources: Resources | undefined;
  let table: ExpectationTable | undefined;
  const history = new ExpectationHistory({
    post: (command) => posted.push(structuredClone(command)),
    now: () => now,
    schedule: (work) => turns.push(work),
    restored,
    earlier,
    form,
    maxPrefixes,
    onDifference: ({ action, sessions }, prefixes, at) => news.push(`${at} ${action} ${prefixes} on ${sessions.count}`),
  });
  return {
    history,
    posted,
    news,
    /** The sources hold these objects at `at`; what that did is worked out when `settle`. */
    state(at: number, objects: KubeObject[], { settle = true } = {}) {
      now = at;
      const results = objects.map((raw) => {
        let result = read.get(raw);
        if (!result) read.set(raw, (result = readObject({ raw })));
        return result;
      });
      resources = assembleResources(results, resources);
      const calculation = calculator.update(resources);
      table = calculation.table;
      history.update({ ...calculation, resources });
      if (settle) this.settle();
      return this;
    },
    rules(at: number, ...written: Written[]) {
      now = at;
      history.rulesChanged(overlayRules(...written));
      return this;
    },
    settle() {
      while (turns.length > 0) turns.shift()!();
    },
    /** `at action Kind/name field: from → to ×times`, one line for each row as it is written last. */
    objects(): string[] {
      const rows = new Map(
        posted.flatMap((one) => (one.kind === 'objects' ? one.changes : [])).map((row) => [row.id, row]),
      );
      return Array.from(rows.values(), ({ at, times, action, object, fields, occasion }) =>
        [
          `${at} ${action} ${object.kind}/${object.name}`,
          ...fields.map(({ path, from, to }) => `${path}: ${from} → ${to}`),
          ...(times > 1 ? [`×${times}`] : []),
          ...(occasion === 'away' ? ['(away)'] : []),
        ].join(' '),
      );
    },
    /** `occasion action prefixes on n sessions because of ids`. */
    expectations(): string[] {
      return posted.flatMap((one) =>
        one.kind === 'expectation-changes'
          ? one.set.differences.map(
              ({ difference: { action, fields, sessions }, prefixes }) =>
                `${one.set.occasion} ${[action, ...fields].join(' ')} ${prefixes} on ${sessions.count} because of ${one.set.objects}`,
            )
          : [],
      );
    },
    /** What the next run finds. */
    kept(): RestoredHistory {
      const kept = new Map(restored.objects.map((one) => [`${one.kind} ${one.key}`, one]));
      let { held } = restored;
      for (const command of posted) {
        if (command.kind !== 'objects') continue;
        if (command.hold) held = command.hold === 'begin' ? [...kept.values()] : [];
        for (const { kind, key, content } of command.states)
          if (content === null) kept.delete(`${kind} ${key}`);
          else kept.set(`${kind} ${key}`, { kind, key, content });
      }
      return { objects: [...kept.values()], held, nextObjectChange: 100, nextChangeSet: 100 };
    },
    /** Sessions that are to announce the prefix now. */
    sessions: () => table?.sessions.filter(({ node, bgpPeer }) => table?.route(node, bgpPeer, prefix)).length,
  };
}

const adv = advertisement('adv');
const web = service('web', ['203.0.113.1']);
const webSlice = slice('web', ['node-a']);
const base = [
  node('node-a'),
  node('node-b', 12),
  peer('tor-1'),
  pool('public', ['203.0.113.0/24']),
  adv,
  web,
  webSlice,
];
const but = (gone: KubeObject, ...instead: KubeObject[]): KubeObject[] => [
  ...base.filter((one) => one !== gone),
  ...instead,
];

describe('the history of objects and expectations', () => {
  it.each<[string, KubeObject[], string[], string[]]>([
    [
      'a field of a Service',
      but(web, service('web', ['203.0.113.1'], { spec: { type: 'ClusterIP' } })),
      ['100 changed Service/web spec.type: LoadBalancer → ClusterIP'],
      [`change no-longer-expected ${prefix} on 2 because of 1`],
    ],
    [
      'a Service that goes',
      but(web),
      ['100 deleted Service/web'],
      [`change no-longer-expected ${prefix} on 2 because of 1`],
    ],
    [
      'one that comes',
      [...base, service('more', ['203.0.113.2']), slice('more', ['node-a'])],
      ['100 created Service/more', '100 created EndpointSlice/more-1'],
      ['change expected 203.0.113.2/32 on 2 because of 1,2'],
    ],
    [
      'a label that decides nothing',
      but(web, service('web', ['203.0.113.1'], { labels: { app: 'x' } })),
      ['100 changed Service/web metadata.labels.app: null → x'],
      [],
    ],
    [
      'attributes',
      but(adv, advertisement('adv', { communities: ['64512:7'] })),
      ['100 changed BGPAdvertisement/adv spec.communities: [] → [64512:7]'],
      [`change changed communities ${prefix} on 2 because of 1`],
    ],
    ['the same written again', but(web, structuredClone(web)), [], []],
  ])('%s', (_, after, objects, expectations) => {
    const scene = setUp().state(0, base).state(100, after);
    expect(scene.objects()).toEqual(objects);
    expect(scene.expectations()).toEqual([`first expected ${prefix} on 2 because of `, ...expectations]);
  });

  it('tells the measurements what is news, and not what was there at the start', () => {
    const { news } = setUp().state(0, base).state(100, but(web)).state(200, base);
    expect(news).toEqual([`100 no-longer-expected ${prefix} on 2`, `200 expected ${prefix} on 2`]);
  });

  it('gives a Service and its EndpointSlices the addresses that tie them to prefixes', () => {
    const scene = setUp().state(0, base).state(100, but(webSlice));
    const [change] = scene.posted.flatMap((one) => (one.kind === 'objects' ? one.changes : []));
    expect(change).toMatchObject({ object: { kind: 'EndpointSlice' }, addresses: ['203.0.113.1'] });
  });

  it('says who wrote an object last and as which version, but not who deleted it', () => {
    const written = (type: string, resourceVersion: string): KubeObject => {
      const raw = service('web', ['203.0.113.1'], { spec: { type } });
      const managedFields = [{ manager: 'kubectl-edit', time: '2026-01-01T00:00:00Z' }];
      return { ...raw, metadata: { ...raw.metadata, resourceVersion, managedFields } as KubeObject['metadata'] };
    };
    const edited = but(web, written('ClusterIP', '18'));
    const scene = setUp()
      .state(0, but(web, written('LoadBalancer', '17')))
      .state(100, edited)
      .state(200, but(web));
    const changes = scene.posted.flatMap((one) => (one.kind === 'objects' ? one.changes : []));
    expect(changes).toMatchObject([
      { action: 'changed', source: 'kubernetes', manager: 'kubectl-edit', resourceVersion: '18' },
      { action: 'deleted', manager: null, resourceVersion: null },
    ]);
  });

  it('an object that changes all the time is told so often in a minute, then at once', () => {
    const scene = setUp().state(0, base);
    const ready = (value: boolean): KubeObject[] => but(webSlice, slice('web', ['node-a'], { ready: value }));
    for (let i = 1; i <= maxChangesPerMinute + 5; i++) scene.state(i * 1_000, ready(i % 2 === 0));
    const rows = scene.objects();
    expect(rows).toHaveLength(maxChangesPerMinute);
    expect(rows.at(-1)).toBe(
      `${maxChangesPerMinute}000 changed EndpointSlice/web-1 endpoints[0].conditions.ready: false → false ×6`,
    );
    // what it did is told every time, with the row that it is in
    expect(scene.expectations().at(-1)).toBe(
      `change no-longer-expected ${prefix} on 2 because of ${maxChangesPerMinute}`,
    );
    expect(scene.state(120_000, base).objects()).toHaveLength(maxChangesPerMinute + 1);
  });

  it('has every field that was changed by the changes that it tells at once', () => {
    const scene = setUp().state(0, base);
    const labelled = (labels: Record<string, string>): KubeObject[] =>
      but(web, service('web', ['203.0.113.1'], { labels }));
    for (let i = 1; i <= maxChangesPerMinute; i++) scene.state(i, labelled({ a: `${i}` }));
    scene.state(20, labelled({ a: `${maxChangesPerMinute}`, b: 'x' })).state(21, labelled({ b: 'x' }));
    expect(scene.objects().at(-1)).toBe(
      `${maxChangesPerMinute} changed Service/web metadata.labels.a: ${maxChangesPerMinute - 1} → null metadata.labels.b: null → x ×3`,
    );
  });

  it('more states than can be worked out are taken together, and none is lost', () => {
    const scene = setUp().state(0, base);
    for (let i = 1; i <= maxWaitingSets + 10; i++) scene.state(i, i % 2 === 1 ? but(web) : base, { settle: false });
    expect(scene.history.waiting).toBe(maxWaitingSets);
    scene.state(1_000, but(web));
    expect(scene.history.waiting).toBe(0);
    expect(scene.expectations().at(-1)).toContain(`no-longer-expected ${prefix}`);
  });
});

describe('bounds', () => {
  const sets = (scene: ReturnType<typeof setUp>) =>
    scene.posted.flatMap((one) => (one.kind === 'expectation-changes' ? [one.set] : []));

  it('a set names the first maxPrefixesPerSet prefixes, and counts the others', () => {
    const two = [service('other', ['203.0.113.2']), slice('other', ['node-1'])];
    const scene = setUp({ maxPrefixes: 1 })
      .state(0, [])
      .state(1, [...base, ...two]);
    const { differences, unrecordedPrefixes } = sets(scene).at(-1)!;
    expect([differences.flatMap(({ prefixes }) => prefixes).length, unrecordedPrefixes]).toEqual([1, 1]);
  });

  it('a set names the first maxObjectsPerSet objects, and counts the others', () => {
    const many = Array.from({ length: maxObjectsPerSet + 3 - base.length }, (_, i) =>
      pool(`p${i}`, ['198.51.100.0/28']),
    );
    const scene = setUp()
      .state(0, [])
      .state(1, [...base, ...many]);
    expect(sets(scene).at(-1)).toMatchObject({ objects: { length: maxObjectsPerSet }, moreObjects: 3 });
  });

  it('an object larger than maxContentLength is not kept for the next run', () => {
    const labels = Object.fromEntries(
      Array.from({ length: maxContentLength / 64 }, (_, i) => [`${i}`, 'x'.repeat(60)]),
    );
    const scene = setUp()
      .state(0, base)
      .state(1, [...base, service('huge', ['203.0.113.2'], { labels })]);
    const kept = scene.kept().objects.map(({ key }) => key);
    expect([kept.includes('default/web'), kept.includes('default/huge')]).toEqual([true, false]);
  });
});

describe('the history of hand-written rules', () => {
  const must: Written = { id: 'dns', rule: 'must', prefix, reason: 'r', owner: 'o' };

  it('has every rule that comes, changes and goes, with the prefix that it names', () => {
    const scene = setUp();
    scene.history.startRules([]);
    scene
      .rules(100, must)
      .rules(200, { ...must, communities: ['64512:1'] })
      .rules(300, { ...must, communities: ['64512:1'] })
      .rules(400);
    expect(scene.objects()).toEqual([
      '100 created OverlayRule/dns',
      '200 changed OverlayRule/dns communities: null → [64512:1]',
      '400 deleted OverlayRule/dns',
    ]);
    const changes = scene.posted.flatMap((one) => (one.kind === 'objects' ? one.changes : []));
    expect(changes).toMatchObject(Array(3).fill({ source: 'overlay', key: 'dns', prefix }));
  });

  it('leaves out those that are there at the start', () => {
    const scene = setUp().rules(0, must);
    scene.history.startRules(overlayRules(must));
    expect(scene.rules(100, must).objects()).toEqual([]);
  });
});

describe('after a restart', () => {
  it('nothing is told when nothing is different', () => {
    const first = setUp().state(0, base);
    const second = setUp({ restored: first.kept() }).state(1_000, structuredClone(base));
    expect(second.posted).toEqual([]);
  });

  it('a crash before an edit was worked out leaves it to the next run', () => {
    const first = setUp().state(0, base).state(100, but(web), { settle: false });
    const second = setUp({ restored: first.kept() }).state(1_000, structuredClone(but(web)));
    expect(second.expectations()).toEqual([`away no-longer-expected ${prefix} on 2 because of 100`]);
  });

  it('what waits is worked out before the end', () => {
    const first = setUp().state(0, base).state(100, but(web), { settle: false });
    first.history.close();
    expect(first.expectations().at(-1)).toBe(`change no-longer-expected ${prefix} on 2 because of 1`);
    expect(setUp({ restored: first.kept() }).state(1_000, structuredClone(but(web))).posted).toEqual([]);
  });

  it('what was edited meanwhile is told as such', () => {
    const first = setUp().state(0, base);
    const edited = but(adv, advertisement('adv', { communities: ['64512:7'] }));
    const second = setUp({ restored: first.kept() }).state(1_000, structuredClone(edited));
    expect(second.objects()).toEqual(['1000 changed BGPAdvertisement/adv spec.communities: [] → [64512:7] (away)']);
    expect(second.expectations()).toEqual([`away changed communities ${prefix} on 2 because of 100`]);
    expect(second.news).toEqual([]);
  });

  describe.each([
    // speakers do not give up a pool with the address of a Service that they announce
    ['what speakers refuse', base[3]!, pool('public', ['198.51.100.0/24'])],
    // the webhook lets no pool overlap another one
    ['what the webhook refuses', base[3]!, pool('public', ['203.0.113.0/24', '203.0.113.0/25'])],
  ])('%s', (_, good, bad) => {
    const refused = but(good, bad);

    it('leaves what was there before in force, however often there is a restart', () => {
      const first = setUp().state(0, base).state(100, refused);
      expect(first.sessions()).toBe(2);
      const second = setUp({ restored: first.kept() }).state(1_000, structuredClone(refused));
      expect(second.sessions()).toBe(2);
      expect(second.expectations()).toEqual([]);
      const third = setUp({ restored: second.kept() }).state(2_000, structuredClone(refused));
      expect(third.sessions()).toBe(2);
    });

    it('does so when it was written while nobody ran', () => {
      const first = setUp().state(0, base);
      const second = setUp({ restored: first.kept() }).state(1_000, structuredClone(refused));
      expect(second.sessions()).toBe(2);
      const third = setUp({ restored: second.kept() }).state(2_000, structuredClone(refused));
      expect(third.sessions()).toBe(2);
    });

    it('is forgotten with the last thing that was in force because of it', () => {
      const scene = setUp().state(0, base).state(100, refused);
      expect(scene.kept().held).toHaveLength(base.length);
      expect(scene.state(200, [...refused, service('more', ['203.0.113.2'])]).kept().held).toHaveLength(base.length);
      expect(scene.state(300, base).kept().held).toEqual([]);
    });
  });

  it.each([
    '{',
    '{"form":"1","object":{"ref":{"kind":"Weather"},"key":"x","labels":{},"spec":{}}}',
    '{"form":"1","object":{}}',
  ])('objects of which nothing can be made are as good as none: %s', (content) => {
    const restored = { ...nothing, objects: [{ kind: 'Service', key: 'x/y', content }] };
    const scene = setUp({ restored }).state(0, base);
    expect(scene.expectations()).toEqual([`first expected ${prefix} on 2 because of `]);
    expect(scene.kept().objects).toHaveLength(base.length);
  });

  it('objects that were kept in another form are not compared with, and replaced', () => {
    const first = setUp().state(0, base);
    const second = setUp({ restored: first.kept(), form: '2' }).state(1_000, but(web));
    expect(second.objects()).toEqual([]);
    const keys = second.kept().objects.map(({ kind, key }) => `${kind}/${key}`);
    expect(keys).not.toContain('Service/default/web');
    expect(keys).toHaveLength(base.length - 1);
  });
});
