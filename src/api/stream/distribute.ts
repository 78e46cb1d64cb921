/**
 * Frames into the outboxes of all clients. Clients whose subscriptions are equal and equally far make a group: what is
 * sent to them is selected and serialised once. Everything here is a generator, so that it can be done in short steps.
 */
import type { StoreQueries } from '../../store/types.ts';
import { Cutter, control, type KeyedMessage, MessageBatch, type MessageKey } from './batch.ts';
import type { StreamClient } from './client.ts';
import { withRaw } from './raw.ts';
import type { SharedFrame } from './shared-frame.ts';
import type { SubscriptionState } from './subscription.ts';

/** `room`: a good moment to wait for clients that lag. */
export type Pause = 'room' | 'turn';

/** Matches, and hand-overs, between two pauses. */
const matchesPerStep = 128;
const clientsPerStep = 16;

interface Selected extends KeyedMessage {
  frame: SharedFrame;
  isRaw: boolean;
}

/** `live`: everything but what `coalesce: prefix` gathers; `gathered`: only that, the last change of each route. */
export type Part = 'live' | 'gathered';

export function* distribute(
  frames: readonly SharedFrame[],
  part: Part,
  clients: Iterable<StreamClient>,
  queries: StoreQueries,
): Generator<Pause> {
  const firstSeq = frames[0]!.changes[0]?.seq ?? Number.POSITIVE_INFINITY;
  const groups = new Map<string, { states: SubscriptionState[]; members: StreamClient[] }>();
  for (const client of clients) {
    const key = client.group(firstSeq);
    const group = groups.get(key) ?? { states: client.subscriptions.map(({ state }) => state), members: [] };
    group.members.push(client);
    groups.set(key, group);
  }
  for (const { states, members } of groups.values()) {
    if (part === 'gathered' && !states.some(({ channel }) => channel.wants.coalesce)) continue;
    for (const batch of batchesOf(frames, part, states, queries)) {
      if (batch === undefined) {
        yield 'turn';
        continue;
      }
      for (const [i, client] of members.entries()) {
        client.deliver(batch);
        if (i % clientsPerStep === clientsPerStep - 1) yield 'turn';
      }
      yield 'room';
    }
  }
}

/** The batches for clients with these subscriptions; undefined = a moment to pause. */
function* batchesOf(
  frames: readonly SharedFrame[],
  part: Part,
  subscriptions: readonly SubscriptionState[],
  queries: StoreQueries,
): Generator<MessageBatch | undefined> {
  const wholeSeq = frames.at(-1)!.frame.seq;
  const cutter = new Cutter<Selected>((messages, seq) =>
    batchOf(messages, seq === null || seq > wholeSeq ? null : seq, queries),
  );
  if (part === 'gathered') {
    const byKey = new Map<MessageKey, [SharedFrame, number, boolean]>();
    for (const [frame, index, isRaw] of select(frames, part, subscriptions)) {
      if (frame === undefined) {
        yield;
        continue;
      }
      const { neighbor, nlri } = frame.changes[index]!;
      const key = neighbor * 2 ** 32 + nlri;
      byKey.delete(key); // the latest goes to the end: the order of seq is kept
      byKey.set(key, [frame, index, isRaw]);
    }
    for (const [frame, index, isRaw] of byKey.values()) yield cutter.add({ ...frame.route(index), frame, isRaw });
  } else {
    for (const [frame, index, isRaw] of select(frames, part, subscriptions))
      yield frame && cutter.add({ ...frame.route(index), frame, isRaw });
    for (const frame of frames) yield* others(frame, subscriptions, cutter);
  }
  const rest = cutter.end();
  if (rest) yield rest;
}

/** Sessions and verdicts are no part of what is caught up with: they come at all times. */
function* others(
  shared: SharedFrame,
  subscriptions: readonly SubscriptionState[],
  cutter: Cutter<Selected>,
): Generator<MessageBatch | undefined> {
  const { sessions, verdicts, lostVerdicts, seq } = shared.frame;
  const plain = { frame: shared, isRaw: false };
  for (const [i, neighbor] of sessions.entries())
    if (subscriptions.some(({ channel }) => channel.filter.neighbor(neighbor.id)))
      yield cutter.add({ ...shared.session(i), ...plain });
  const wanting = subscriptions.filter(({ channel }) => channel.wants.verdicts);
  for (const [i, change] of verdicts.entries()) {
    if (wanting.some(({ channel }) => channel.matchesVerdict(change)))
      yield cutter.add({ ...shared.verdict(i), ...plain });
    else if (i % matchesPerStep === 0) yield;
  }
  if (lostVerdicts && wanting.length > 0) {
    const rest = cutter.end();
    if (rest) yield rest;
    yield control({
      type: 'gap',
      from: lostVerdicts.from,
      to: Math.max(lostVerdicts.to, seq),
      reason: 'verdicts-dropped',
    });
  }
}

type Selection = [frame: SharedFrame, index: number, isRaw: boolean] | [frame: undefined, index: 0, isRaw: false];

/** The changes that a live subscription takes, each once. */
function* select(
  frames: readonly SharedFrame[],
  part: Part,
  subscriptions: readonly SubscriptionState[],
): Generator<Selection> {
  let asked = 0;
  for (const frame of frames)
    for (let index = 0; index < frame.changes.length; index++) {
      let isWanted = false;
      let isGathered = true;
      let isRaw = false;
      for (const subscription of subscriptions) {
        if (++asked % matchesPerStep === 0) yield [undefined, 0, false];
        if (!takes(subscription, frame, index)) continue;
        isWanted = true;
        isGathered &&= subscription.channel.wants.coalesce;
        isRaw ||= subscription.channel.wants.raw;
      }
      if (isWanted && isGathered === (part === 'gathered')) yield [frame, index, isRaw];
    }
}

/** Does a live subscription want a change that it was not shown yet? Asked about each change in order. */
function takes({ isLive, floor, walked, channel }: SubscriptionState, frame: SharedFrame, index: number): boolean {
  const change = frame.changes[index]!;
  if (!isLive || change.seq <= floor || (walked && !walked.isNews(change))) return false;
  return frame.matches(channel, index);
}

function batchOf(messages: readonly Selected[], seq: number | null, queries: StoreQueries): MessageBatch {
  const raw = messages.filter(({ isRaw }) => isRaw);
  if (raw.length === 0) return new MessageBatch(messages, { seq });
  const batch = new MessageBatch(messages, { seq, isReady: false });
  const frames = [...new Set(raw.map(({ frame }) => frame))];
  Promise.all(frames.map((frame) => frame.raw(queries))).then((found) => {
    const all = new Map(found.flatMap((one) => [...one]));
    batch.resolve(
      withRaw(
        messages.map(({ text }) => text),
        messages.map(({ seq, isRaw }) => (isRaw ? seq : -1)),
        all,
      ),
    );
  });
  return batch;
}
