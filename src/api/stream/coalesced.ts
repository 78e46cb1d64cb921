/** Coalescing: the last message about each thing, in order. Clients that wait for the same batches share the result. */
import { Cutter, type KeyedMessage, MessageBatch, type MessageKey } from './batch.ts';

/** By the last of the batches, so that a result lives as long as somebody waits for them. */
const results = new WeakMap<MessageBatch, { from: readonly MessageBatch[]; to: readonly MessageBatch[] }>();

/** Answers `batches` themselves when nothing in them is superfluous. */
export function coalesced(batches: readonly MessageBatch[]): readonly MessageBatch[] {
  const last = batches.at(-1);
  if (last === undefined || batches.some(({ buffer }) => buffer === undefined)) return batches;
  const known = results.get(last);
  if (known?.from.length === batches.length && known.from.every((batch, i) => batch === batches[i])) return known.to;
  const to = coalesce(batches);
  results.set(last, { from: batches, to });
  return to;
}

function coalesce(batches: readonly MessageBatch[]): readonly MessageBatch[] {
  const last = new Map<MessageKey, number>();
  let number = 0;
  for (const { keys } of batches) for (const key of keys!) last.set(key, number++);
  if (last.size === number) return batches;
  const messages: KeyedMessage[] = [];
  number = 0;
  for (const batch of batches) {
    for (let i = 0; i < batch.count; i++, number++)
      if (last.get(batch.keys![i]!) === number) messages.push(batch.message(i));
  }
  const cutter = new Cutter((some, seq) => new MessageBatch(some, { seq }));
  const to = messages.map((message) => cutter.add(message)).filter((batch) => batch !== undefined);
  const rest = cutter.end();
  return rest ? [...to, rest] : to;
}
