/** An object in a child process whose methods are called over IPC: loads and probes must not share one event loop. */
import { fork } from 'node:child_process';

/** `T` from the other side: each method returns a promise. */
export type Remote<T> = {
  [K in keyof T as T[K] extends (...values: never[]) => unknown ? K : never]: T[K] extends (
    ...values: infer V
  ) => infer R
    ? (...values: V) => Promise<Awaited<R>>
    : never;
};

interface Call {
  id: number;
  method: string;
  values: unknown[];
}
interface Answer {
  id: number;
  result?: unknown;
  error?: string;
}

/** In the child: answers calls of `target`'s methods; the process ends with its parent. */
export function serve(target: object): void {
  const methods = target as Record<string, (...values: unknown[]) => unknown>;
  process.on('message', async ({ id, method, values }: Call) => {
    const answer = (rest: Omit<Answer, 'id'>): void => void process.send?.({ id, ...rest });
    try {
      answer({ result: await methods[method]!(...values) });
    } catch (error) {
      answer({ error: (error as Error).stack ?? String(error) });
    }
  });
  process.once('disconnect', () => process.exit());
}

/** Runs the module `file`, which calls `serve`. A call rejects when the child ends first. */
export function connect<T>(file: string): { remote: Remote<T>; close: () => void } {
  const child = fork(file, { serialization: 'advanced' });
  const open = new Map<number, PromiseWithResolvers<unknown>>();
  let calls = 0;
  child.on('message', ({ id, result, error }: Answer) => {
    const call = open.get(id);
    open.delete(id);
    if (error === undefined) call?.resolve(result);
    else call?.reject(new Error(error));
  });
  child.once('exit', (code, signal) => {
    for (const call of open.values()) call.reject(new Error(`${file} ended with ${signal ?? code}`));
  });
  const remote = new Proxy({} as Remote<T>, {
    get:
      (_, method: string) =>
      (...values: unknown[]) => {
        if (!child.connected) return Promise.reject(new Error(`${file} has ended`));
        const call = Promise.withResolvers<unknown>();
        open.set(++calls, call);
        child.send({ id: calls, method, values } satisfies Call);
        return call.promise;
      },
  });
  return { remote, close: () => child.kill('SIGKILL') };
}
