import { describe, expect, test } from 'vitest';
import { limits } from '../../src/api/limits.ts';
import { ServerMessage } from '../../src/api/schemas.ts';
import type { StoredChange } from '../../src/rib/types.ts';
import { neighbor, verdict } from '../support/fake-views.ts';
import { until } from '../support/wait.ts';
import { brief, scene } from './support.ts';

describe('a live subscription', () => {
  const changes: [string, object, string[]][] = [
    ['without a filter gets everything', {}, ['announced 10.0.0.1/32@1 #1', 'announced 2001:db8::/32@2 #2']],
    ['by neighbor id', { neighbor: 2 }, ['announced 2001:db8::/32@2 #2']],
    ['by neighbor address', { neighbor: '192.0.2.11' }, ['announced 10.0.0.1/32@1 #1']],
    ['by node', { node: 'node-2' }, ['announced 2001:db8::/32@2 #2']],
    ['by family', { family: 6 }, ['announced 2001:db8::/32@2 #2']],
    ['by community', { community: '64512:100' }, ['announced 10.0.0.1/32@1 #1']],
    ['by prefix', { prefix: '10.0.0.1' }, ['announced 10.0.0.1/32@1 #1']],
    ['by everything inside a prefix', { prefix: '10.0.0.0/8', match: 'longer' }, ['announced 10.0.0.1/32@1 #1']],
    ['with two keys needs both', { node: 'node-2', community: '64512:100' }, []],
  ];
  test.each(changes)('%s', async (_, filter, expected) => {
    const { deps, publish, connect } = await scene();
    const client = await connect();
    client.send({ type: 'subscribe', id: 'a', filter });
    await client.upTo('subscribed');
    publish([
      deps.rib.announce(1, '10.0.0.1/32', { communities: ['64512:100'] }),
      deps.rib.announce(2, '2001:db8::/32'),
    ]);
    expect((await client.settled()).map(brief)).toEqual(expected);
  });

  test('gets a change once, however many of its subscriptions want it', async () => {
    const { deps, publish, connect } = await scene();
    const client = await connect();
    client.send({ type: 'subscribe', id: 'a', filter: { neighbor: 1 } });
    client.send({ type: 'subscribe', id: 'b', filter: { family: 4 } });
    await client.settled();
    publish([deps.rib.announce(1, '10.0.0.1/32'), deps.rib.announce(2, '10.0.0.2/32')]);
    expect((await client.settled()).map(brief)).toEqual(['announced 10.0.0.1/32@1 #1', 'announced 10.0.0.2/32@2 #2']);
  });

  test('that leaves the routes out gets sessions and verdicts, also when it resumes', async () => {
    const { deps, publish, connect } = await scene();
    const client = await connect();
    client.send({ type: 'subscribe', id: 'a', routes: false, verdicts: true, resumeFrom: 0 });
    await client.upTo('subscribed');
    publish([deps.rib.announce(1, '10.0.0.1/32')], {
      sessions: [neighbor(1)],
      verdicts: [{ from: null, to: 'ok', verdict: verdict() }],
    });
    expect((await client.settled()).map(({ type }) => type)).toEqual(['session', 'verdict']);
  });

  test('sees a route leave its filter, with what it was before', async () => {
    const { deps, publish, connect } = await scene();
    publish([deps.rib.announce(1, '10.0.0.1/32', { communities: ['64512:100'] })]);
    const client = await connect();
    client.send({ type: 'subscribe', id: 'a', filter: { community: '64512:100' } });
    await client.upTo('subscribed');
    publish([deps.rib.announce(1, '10.0.0.1/32')]);
    const [message] = await client.settled();
    expect(message).toMatchObject({
      type: 'route',
      action: 'replaced',
      route: { communities: [] },
      previous: { communities: ['64512:100'] },
    });
  });

  test('gets a withdrawn route with the attributes that it had', async () => {
    const { deps, publish, connect } = await scene();
    publish([deps.rib.announce(1, '10.0.0.1/32', { localPref: 200 })]);
    const client = await connect();
    client.send({ type: 'subscribe', id: 'a' });
    await client.upTo('subscribed');
    publish([deps.rib.withdraw(1, '10.0.0.1/32')]);
    const [message] = await client.settled();
    expect(message).toMatchObject({ action: 'withdrawn', seq: 2, route: { prefix: '10.0.0.1/32', localPref: 200 } });
    expect(ServerMessage.parse(message)).toEqual(message);
  });

  test('ends with unsubscribe', async () => {
    const { deps, publish, connect } = await scene();
    const client = await connect();
    client.send({ type: 'subscribe', id: 'a' });
    client.send({ type: 'unsubscribe', id: 'a' });
    await client.settled();
    publish([deps.rib.announce(1, '10.0.0.1/32')]);
    expect(await client.settled()).toEqual([]);
  });

  test('carries the BGP message of a change when asked', async () => {
    const { deps, publish, connect } = await scene();
    const client = await connect();
    client.send({ type: 'subscribe', id: 'a', includeRaw: true });
    await client.upTo('subscribed');
    const change = deps.rib.announce(1, '10.0.0.1/32');
    deps.queries.stored.push({
      seq: 1,
      at: change.at,
      session: 1,
      neighbor: 1,
      type: 2,
      raw: Uint8Array.of(0xff, 0x0a),
      problems: [],
    });
    publish([change, deps.rib.announce(2, '10.0.0.1/32')]);
    const routes = await client.until((received) => received.length === 2);
    expect(routes).toMatchObject([{ seq: 1, raw: 'ff0a' }, { seq: 2 }]);
    expect(routes[1]).not.toHaveProperty('raw');
  });

  test('with coalesce: prefix gets the last of several changes', async () => {
    const { deps, publish, connect } = await scene();
    const client = await connect();
    client.send({ type: 'subscribe', id: 'a', coalesce: 'prefix' });
    await client.upTo('subscribed');
    for (const localPref of [1, 2, 3]) publish([deps.rib.announce(1, '10.0.0.1/32', { localPref })]);
    publish([deps.rib.announce(2, '10.0.0.1/32')]);
    const routes = await client.until((received) => received.length === 2);
    expect(routes.map(brief)).toEqual(['replaced 10.0.0.1/32@1 #3', 'announced 10.0.0.1/32@2 #4']);
  });
});

describe('verdicts and sessions', () => {
  test('verdicts come to who wants them, filtered like routes', async () => {
    const { publish, connect } = await scene();
    const [all, some, none] = [await connect(), await connect(), await connect()];
    all.send({ type: 'subscribe', id: 'a', verdicts: true });
    some.send({ type: 'subscribe', id: 'a', verdicts: true, filter: { verdict: ['missing'], node: 'node-1' } });
    none.send({ type: 'subscribe', id: 'a' });
    for (const client of [all, some, none]) await client.settled();
    publish([], {
      verdicts: [
        { from: 'ok', to: 'missing', verdict: verdict({ verdict: 'missing' }) },
        { from: null, to: 'ok', verdict: verdict({ prefix: '10.0.0.2/32' }) },
        { from: 'ok', to: 'missing', verdict: verdict({ prefix: '10.0.0.3/32', neighbor: null, node: 'node-9' }) },
      ],
    });
    expect((await all.settled()).map(brief)).toEqual([
      'verdict ok→missing 10.0.0.1/32',
      'verdict null→ok 10.0.0.2/32',
      'verdict ok→missing 10.0.0.3/32',
    ]);
    expect((await some.settled()).map(brief)).toEqual(['verdict ok→missing 10.0.0.1/32']);
    expect(await none.settled()).toEqual([]);
  });

  test('sessions come to every subscription that is not about other neighbors', async () => {
    const { publish, connect } = await scene();
    const [all, other] = [await connect(), await connect()];
    all.send({ type: 'subscribe', id: 'a' });
    other.send({ type: 'subscribe', id: 'a', filter: { neighbor: 2 } });
    for (const client of [all, other]) await client.settled();
    publish([], { sessions: [neighbor(1, { state: 'idle' })] });
    expect((await all.settled()).map(brief)).toEqual(['session 1 idle']);
    expect(await other.settled()).toEqual([]);
  });
});

describe('a snapshot', () => {
  test('shows what is there, then goes on live', async () => {
    const { deps, publish, connect } = await scene();
    publish([deps.rib.announce(1, '10.0.0.1/32'), deps.rib.announce(2, '10.0.0.2/32', {}, { stale: true })]);
    const client = await connect();
    client.send({ type: 'subscribe', id: 'a', snapshot: true });
    expect((await client.upTo('snapshot_end')).map(brief)).toEqual([
      'subscribed #2',
      'snapshot_begin',
      'announced 10.0.0.1/32@1 #1',
      'stale 10.0.0.2/32@2 #2',
      'snapshot_end #2',
    ]);
    publish([deps.rib.withdraw(1, '10.0.0.1/32')]);
    expect((await client.settled()).map(brief)).toEqual(['withdrawn 10.0.0.1/32@1 #3']);
  });

  test('has no hole and nothing twice while the table moves under it', async () => {
    const { deps, publish, connect } = await scene();
    const count = 3 * limits.batchMessages;
    const at = (i: number) => `10.${i >> 8}.${i & 255}.0/24`;
    publish(Array.from({ length: count }, (_, i) => deps.rib.announce(1, at(i))));
    const client = await connect();
    client.send({ type: 'subscribe', id: 'a', snapshot: true });
    // one change behind, one before the place that the snapshot has reached, between its slices
    await client.until((received) => received.some(({ type }) => type === 'route'));
    const [first, last] = [at(0), at(count - 1)];
    publish([deps.rib.announce(1, first, { med: 5 }), deps.rib.announce(1, last, { med: 5 })]);
    const rest = await client.until((received) => received.some(({ type }) => type === 'snapshot_end'));
    const live = await client.settled();
    const of = (prefix: string) =>
      [...rest, ...live].flatMap((one) => (one.type === 'route' && one.route.prefix === prefix ? [one] : []));
    expect(of(first).map(brief)).toEqual([`replaced ${first}@1 #${count + 1}`]);
    expect(of(last)).toHaveLength(1);
    expect(of(last)[0]?.route.med).toBe(5);
  });

  test('follows its filter, the longest match included', async () => {
    const { deps, connect } = await scene();
    for (const prefix of ['10.0.0.0/8', '10.1.0.0/16', '10.1.2.0/24', '192.0.2.0/24']) deps.rib.announce(1, prefix);
    deps.rib.announce(2, '10.1.0.0/16');
    const client = await connect();
    client.send({
      type: 'subscribe',
      id: 'a',
      snapshot: true,
      filter: { prefix: '10.1.2.3', match: 'longest', neighbor: 2 },
    });
    expect((await client.upTo('snapshot_end')).filter(({ type }) => type === 'route').map(brief)).toEqual([
      'announced 10.1.0.0/16@2 #5',
    ]);
  });
});

describe('resuming', () => {
  /** Four changes in the log, by neighbors 1 and 2 in turn. */
  async function logged() {
    const it = await scene();
    const log = [1, 2, 3, 4].map((i) => it.deps.rib.announce(1 + (i % 2), `10.0.0.${i}/32`));
    it.publish(log);
    return it;
  }

  const cases: [string, object, string[]][] = [
    [
      'from a seq gets what came after it',
      { resumeFrom: 2 },
      ['announced 10.0.0.3/32@2 #3', 'announced 10.0.0.4/32@1 #4'],
    ],
    ['from the last seq gets nothing', { resumeFrom: 4 }, []],
    [
      'with a filter gets what passes it',
      { resumeFrom: 0, filter: { neighbor: 1 } },
      ['announced 10.0.0.2/32@1 #2', 'announced 10.0.0.4/32@1 #4'],
    ],
  ];
  test.each(cases)('%s', async (_, subscription, expected) => {
    const { connect } = await logged();
    const client = await connect();
    client.send({ type: 'subscribe', id: 'a', ...subscription });
    await client.upTo('subscribed');
    const got: string[] = [];
    await until('all of it is there', async () => {
      got.push(...(await client.settled()).map(brief));
      return got.length >= expected.length;
    });
    expect(got).toEqual(expected);
  });

  test('from a seq that the database has no more is a gap and a snapshot', async () => {
    const { deps, connect } = await logged();
    deps.queries.oldest = 3;
    const client = await connect();
    client.send({ type: 'subscribe', id: 'a', resumeFrom: 1 });
    expect((await client.upTo('snapshot_end')).map(brief)).toEqual([
      'subscribed #4',
      'gap 2–4 resume-too-old',
      'snapshot_begin',
      'announced 10.0.0.1/32@2 #1',
      'announced 10.0.0.2/32@1 #2',
      'announced 10.0.0.3/32@2 #3',
      'announced 10.0.0.4/32@1 #4',
      'snapshot_end #4',
    ]);
  });

  test('from a seq that never was is a gap and a snapshot', async () => {
    const { connect } = await logged();
    const client = await connect();
    client.send({ type: 'subscribe', id: 'a', resumeFrom: 99 });
    const messages = (await client.upTo('snapshot_end')).map(brief);
    expect(messages[1]).toBe('gap 100–100 resume-unknown');
    expect(messages).toContain('announced 10.0.0.4/32@1 #4');
  });

  test.each([
    [1, ['announced 10.0.0.2/32@1 #2']],
    [2, ['gap 3–4 resume-unknown', 'snapshot_begin']],
    [3, ['gap 4–4 resume-unknown', 'snapshot_begin']],
  ])('from %s, where 2 to 3 may have been lost with a collector that was killed', async (resumeFrom, expected) => {
    const { deps, connect } = await logged();
    const status = deps.status();
    deps.status = () => ({ ...status, leftOut: [{ from: 2, to: 4 }] });
    const client = await connect();
    client.send({ type: 'subscribe', id: 'a', resumeFrom });
    const messages = await client.until((received) => received.length > expected.length);
    expect(messages.slice(1, 1 + expected.length).map(brief)).toEqual(expected);
  });

  test('when the database fails is a gap and a snapshot', async () => {
    const { deps, connect } = await logged();
    deps.queries.changes = () => Promise.reject(new Error('busy'));
    const client = await connect();
    client.send({ type: 'subscribe', id: 'a', resumeFrom: 1 });
    expect((await client.upTo('snapshot_end')).map(brief)).toContain('gap 2–4 resume-failed');
  });

  test('past changes that could not be stored says which', async () => {
    const { deps, connect } = await logged();
    const status = deps.status();
    deps.status = () => ({ ...status, gaps: [{ from: 2, to: 3, at: 0, reason: 'disk full' }] });
    deps.queries.log = deps.queries.log.filter(({ seq }) => seq === 1 || seq === 4);
    const client = await connect();
    client.send({ type: 'subscribe', id: 'a', resumeFrom: 0 });
    const messages = await client.until((received) => received.length === 4);
    expect(messages.map(brief)).toEqual([
      'subscribed #4',
      'gap 2–3 not-stored',
      'announced 10.0.0.1/32@2 #1',
      'announced 10.0.0.4/32@1 #4',
    ]);
  });

  test('misses nothing that is published meanwhile', async () => {
    const { deps, publish, connect } = await logged();
    const client = await connect();
    const { changes } = deps.queries;
    let late: StoredChange | undefined;
    // a frame comes after the database answered and before the answer is handled, and another right after
    deps.queries.changes = async (query) => {
      const answer = await changes.call(deps.queries, query);
      if (!late) publish([(late = deps.rib.announce(1, '10.0.0.5/32'))]);
      return answer;
    };
    client.send({ type: 'subscribe', id: 'a', resumeFrom: 3 });
    const messages = await client.until((received) => received.length === 3);
    expect(messages.map(brief)).toEqual(['subscribed #4', 'announced 10.0.0.4/32@1 #4', 'announced 10.0.0.5/32@1 #5']);
  });

  test('a frame without its changes is read back from the database', async () => {
    const { deps, publish, connect } = await logged();
    const client = await connect();
    client.send({ type: 'subscribe', id: 'a' });
    await client.upTo('subscribed');
    deps.queries.log.push(deps.rib.announce(1, '10.0.0.5/32'));
    publish([], { seq: 5, gap: { from: 5, to: 5 } });
    publish([deps.rib.announce(1, '10.0.0.6/32')]);
    const messages = await client.until((received) => received.length === 2);
    expect(messages.map(brief)).toEqual(['announced 10.0.0.5/32@1 #5', 'announced 10.0.0.6/32@1 #6']);
  });
});

describe('what cannot be done is an error, and the connection stays', () => {
  const cases: [string, string | object, string][] = [
    ['no JSON', '{', 'error invalid-message'],
    ['an unknown type', { type: 'hello' }, 'error invalid-message'],
    ['an unknown key', { type: 'subscribe', id: 'a', snapshots: true }, 'error invalid-message'],
    [
      'an unknown filter key',
      { type: 'subscribe', id: 'a', filter: { perfix: '10.0.0.0/8' } },
      'error invalid-message',
    ],
    ['a filter by age', { type: 'subscribe', id: 'a', filter: { since: '5' } }, 'error invalid-message'],
    ['host bits', { type: 'subscribe', id: 'a', filter: { prefix: '10.0.0.1/8' } }, 'error host-bits-set'],
    ['a neighbor that is not there', { type: 'subscribe', id: 'a', filter: { neighbor: 9 } }, 'error no-such-neighbor'],
    ['a subscription that is not there', { type: 'unsubscribe', id: 'a' }, 'error no-such-subscription'],
  ];
  test.each(cases)('%s', async (_, message, expected) => {
    const { connect } = await scene();
    const client = await connect();
    client.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    expect((await client.settled()).map(brief)).toEqual([expected]);
  });

  test('more subscriptions than there may be', async () => {
    const { connect } = await scene();
    const client = await connect();
    for (let i = 0; i <= limits.subscriptions; i++) client.send({ type: 'subscribe', id: String(i) });
    expect((await client.settled()).map(brief).at(-1)).toBe('error too-many-subscriptions');
  });
});
