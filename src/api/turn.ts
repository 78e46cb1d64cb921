/** Work that is done a piece at a time. */
import { limits } from './limits.ts';

/** Lets everything else on the event loop have its turn. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const waiting: (() => void)[] = [];

/** The same for work that many clients may ask for at once: of all that wait here, one goes on in each turn. */
export const ownTurn = (): Promise<void> =>
  new Promise((resolve) => {
    if (waiting.push(resolve) === 1) setImmediate(next);
  });

function next(): void {
  waiting.shift()!();
  if (waiting.length > 0) setImmediate(next);
}

/** `map` with a turn for everything else every few milliseconds. */
export async function mapInTurns<From, To>(items: readonly From[], to: (item: From) => To): Promise<To[]> {
  const mapped: To[] = [];
  let until = performance.now() + limits.sliceMs;
  for (const item of items) {
    mapped.push(to(item));
    if (mapped.length % limits.sliceCheck !== 0 || performance.now() < until) continue;
    await turn();
    until = performance.now() + limits.sliceMs;
  }
  return mapped;
}
