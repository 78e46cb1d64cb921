/**
 * Whatever happens in whatever order (changes, frames that come late or without their changes, slow sockets, lost
 * connections), a client that applies what it is sent has the table in the end, is told each change once and in order of
 * seq, and only of routes as it knows them.
 */

import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { ServerMessage } from '../../src/api/schemas.ts';
import { Clients } from '../../src/api/stream/clients.ts';
import { Hub } from '../../src/api/stream/hub.ts';
import type { StoredChange } from '../../src/rib/types.ts';
import { collectorStatus, type FakeDeps, fakeDeps, neighbor } from '../support/fake-views.ts';

// small bounds, so that few routes already mean many slices, full sockets and more changes than may be held
vi.mock('../../src/api/limits.ts', async (original) => {
  const { limits } = await original<typeof import('../../src/api/limits.ts')>();
  const small = {
    batchMessages: 3,
    sliceRows: 2,
    sliceCheck: 1,
    recentChanges: 4,
    replayChanges: 2,
    socketBytes: 1_000,
    durablePoll: 0,
  };
  return { limits: { ...limits, ...small } };
});

type Step =
  | { kind: 'announce'; neighbor: number; prefix: number; med: number }
  | { kind: 'withdraw'; neighbor: number; prefix: number }
  /** Everything so far becomes durable, … */
  | { kind: 'store' }
  /** … and is published, which is later; `lost`: as a gap. */
  | { kind: 'publish'; lost: boolean }
  | { kind: 'turn' }
  | { kind: 'read' }
  | { kind: 'beat' }
  | { kind: 'reconnect' };

const neighborId = fc.integer({ min: 1, max: 2 });
const prefixIndex = fc.integer({ min: 0, max: 9 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('announce' as const),
      neighbor: neighborId,
      prefix: prefixIndex,
      med: fc.nat(3),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('withdraw' as const), neighbor: neighborId, prefix: prefixIndex }),
  },
  { weight: 3, arbitrary: fc.constant({ kind: 'store' as const }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('publish' as const), lost: fc.boolean() }) },
  { weight: 4, arbitrary: fc.constant({ kind: 'turn' as const }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'read' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'beat' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'reconnect' as const }) },
);

const prefixOf = (index: number): string => `10.0.${index}.0/24`;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A client that keeps a table, and reconnects from the last seq that it may resume from. */
class Follower {
  readonly table = new Map<string, number | null>();
  readonly problems: string[] = [];
  readonly #hub: Hub;
  readonly #filter: object;
  #waiting: (() => void)[] = [];
  #buffered = 0;
  #disconnect = () => {};
  #beat = () => {};
  /** Undefined until the table is whole. */
  #seq: number | undefined;

  /** Highest seq seen, and how to ask which is durable. */
  #newest = 0;
  readonly #durable: () => number;
  /** A snapshot may show what is newer than its seq: who resumes from that is told of it once more, up to here. */
  #shownUpTo = 0;
  #again = 0;

  constructor(hub: Hub, filter: object, durable: () => number) {
    this.#hub = hub;
    this.#durable = durable;
    this.#filter = filter;
  }

  connect(): void {
    this.#disconnect();
    this.#buffered = 0;
    this.#waiting = [];
    const follower = this;
    let isCurrent = true;
    const client = this.#hub.join({
      get buffered() {
        return follower.#buffered;
      },
      send: (octets, _, sent) => {
        if (!isCurrent) return;
        this.#buffered += octets.length;
        this.#waiting.push(sent);
        for (const message of [JSON.parse(octets.toString())].flat()) this.#apply(message);
      },
      close: () => {},
    })!;
    this.#beat = () => client.beat(0);
    this.#disconnect = () => {
      isCurrent = false;
      this.#hub.leave(client);
    };
    this.#again = this.#shownUpTo;
    const start = this.#seq === undefined ? { snapshot: true } : { resumeFrom: this.#seq };
    client.subscribe({ type: 'subscribe', id: 'a', filter: this.#filter, ...start });
  }

  /** Takes everything off the socket. */
  read(): void {
    this.#buffered = 0;
    for (const sent of this.#waiting.splice(0)) sent();
  }

  /** It is time for a heartbeat. */
  beat(): void {
    this.#beat();
  }

  /** The table is whole and nothing is on the way. */
  get isSettled(): boolean {
    return this.#waiting.length === 0 && this.#seq !== undefined;
  }

  #apply(message: ServerMessage): void {
    if (message.type === 'snapshot_begin') {
      this.table.clear();
      this.#seq = undefined;
    } else if (message.type === 'snapshot_end') {
      this.#seq = message.seq;
      this.#shownUpTo = this.#durable();
      if (this.#newest > this.#durable()) this.problems.push(`shown ${this.#newest}, durable ${this.#durable()}`);
    } else if (message.type === 'gap') this.problems.push(message.reason);
    else if (message.type === 'heartbeat') {
      if (message.seq < (this.#seq ?? 0)) this.problems.push(`heartbeat ${message.seq} after ${this.#seq}`);
    } else if (message.type === 'route') {
      const { action, route, seq } = message;
      this.#newest = Math.max(this.#newest, seq);
      const key = `${route.prefix} ${route.neighbor.id}`;
      if (this.#seq !== undefined && seq <= this.#seq) this.problems.push(`${seq} after ${this.#seq}`);
      // a row of a snapshot is new, and so is what is announced; all else is about a route that is known
      const isNew = this.#seq === undefined || action === 'announced';
      if (seq > this.#again && this.table.has(key) === isNew)
        this.problems.push(`${action} ${key} #${seq}, ${isNew ? '' : 'not '}known`);
      if (action === 'withdrawn') this.table.delete(key);
      else this.table.set(key, route.med);
      if (this.#seq !== undefined) this.#seq = seq;
    }
  }
}

/** The table as it should be seen through the filter. */
function tableOf({ rib }: FakeDeps, only?: number): Map<string, number | null> {
  const table = new Map<string, number | null>();
  rib.walk({}, (handle) => {
    if (only === undefined || handle.neighbor === only)
      table.set(`${rib.prefixText(handle.nlri)} ${handle.neighbor}`, rib.attributes(handle.attributes).med);
    return true;
  });
  return table;
}

test('a follower ends with the table', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 120, size: 'max' }), fc.boolean(), async (steps, isFiltered) => {
      const deps = fakeDeps();
      for (const id of [1, 2]) deps.rib.neighbors.set(id, neighbor(id));
      for (let i = 0; i < 8; i++) deps.queries.log.push(deps.rib.announce(1 + (i % 2), prefixOf(i)));
      deps.feed.seq = deps.rib.seq;
      let watermark = deps.rib.seq;
      deps.status = () => collectorStatus({ watermark });
      const { changes: ask } = deps.queries;
      deps.queries.changes = async (query) => {
        const answer = await ask.call(deps.queries, query);
        await turn(); // things happen while the answer is on its way
        return answer;
      };
      const hub = new Hub(deps, new Clients());
      const follower = new Follower(hub, isFiltered ? { neighbor: ['1'] } : {}, () => watermark);
      follower.connect();

      const pending: StoredChange[] = [];
      let stored: StoredChange[] = [];
      const store = () => {
        deps.queries.log.push(...pending);
        stored.push(...pending.splice(0));
        watermark = deps.rib.seq;
      };
      const publish = (isLost: boolean) => {
        const changes = stored;
        stored = [];
        if (changes.length === 0) return;
        const [from, to] = [changes[0]!.seq, changes.at(-1)!.seq];
        const frame = { seq: to, sessions: [], verdicts: [] };
        deps.feed.publish(isLost ? { ...frame, changes: [], gap: { from, to } } : { ...frame, changes, gap: null });
      };
      const perform = async (one: Step): Promise<void> => {
        switch (one.kind) {
          case 'announce':
            pending.push(deps.rib.announce(one.neighbor, prefixOf(one.prefix), { med: one.med }));
            return;
          case 'withdraw':
            if (deps.rib.exact(prefixOf(one.prefix), one.neighbor).length > 0)
              pending.push(deps.rib.withdraw(one.neighbor, prefixOf(one.prefix)));
            return;
          case 'store':
            return store();
          case 'publish':
            return publish(one.lost);
          case 'turn':
            return turn();
          case 'read':
            return follower.read();
          case 'beat':
            return follower.beat();
          case 'reconnect':
            return follower.connect();
          default:
            one satisfies never;
        }
      };
      for (const one of steps) await perform(one);
      store();
      publish(false);
      // a replay in which nothing is new says nothing for as many turns as it has answers
      for (let quiet = 0; quiet < steps.length + 5; ) {
        quiet = follower.isSettled ? quiet + 1 : 0;
        follower.read();
        await turn();
      }
      hub.close();
      expect(follower.problems).toEqual([]);
      expect([...follower.table].sort()).toEqual([...tableOf(deps, isFiltered ? 1 : undefined)].sort());
    }),
    { numRuns: 300 },
  );
});
