/** Waiting for what another process will do: ask again until the answer is there, for so long and no longer. */
import { setTimeout as delay } from 'node:timers/promises';

export interface WaitOptions {
  /** Milliseconds until the wait is given up. */
  timeout?: number;
  /** Milliseconds between two questions. */
  every?: number;
  /** Told with the failure: a log, the last state. */
  context?: () => string;
}

/**
 * The first answer of `ask` that is neither undefined, null nor false. An `ask` that throws counts as "not yet".
 * @throws when `timeout` is over, naming `what`, the last error and the context.
 */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  { timeout = 20_000, every = 50, context }: WaitOptions = {},
): Promise<NonNullable<Exclude<T, false>>> {
  const deadline = Date.now() + timeout;
  for (let lastError: unknown; ; await delay(every)) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== null && answer !== false) return answer as NonNullable<Exclude<T, false>>;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (Date.now() < deadline) continue;
    const details = [lastError === undefined ? '' : `last error: ${lastError}`, context?.() ?? ''].filter(Boolean);
    throw new Error([`waited ${timeout} ms in vain: ${what}`, ...details].join('\n'), { cause: lastError });
  }
}

/** Rejects when `promise` takes longer than `timeout` milliseconds. */
export async function within<T>(what: string, timeout: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took longer than ${timeout} ms: ${what}`)), timeout);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
