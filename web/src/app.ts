/** What every view can use: the collector, the state and navigation. */
import { createContext } from 'preact';
import { useContext, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { type Query, RequestError, type Rest, type Stream, type Subscription } from './client.ts';
import type { Command } from './keys.ts';
import type { Message, Model } from './model.ts';
import type { Poller } from './poller.ts';
import type { Place } from './router.ts';
import { type Store, useSelect } from './store.ts';

export interface App {
  rest: Rest;
  stream: Stream;
  store: Store;
  poller: Poller;
  place: Place;
  /** Opens a place. `replace` adds no history entry (typing, moving in a list). */
  go: (place: Place, how?: 'replace') => void;
  /** Offers keyboard commands to `handler`, last registered first. Call the returned function to stop. */
  onCommand: (handler: (command: Command) => boolean) => () => void;
}

export const AppContext = createContext<App | undefined>(undefined);

export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error('useApp outside AppContext');
  return app;
}

export function useModel<T>(select: (model: Model) => T): T {
  return useSelect(useApp().store, select);
}

/** All neighbors, kept current while mounted; undefined until they have loaded. */
export function useNeighbors(): Model['neighbors'] {
  const { poller } = useApp();
  useEffect(() => poller.watchNeighbors(), [poller]);
  return useModel((model) => model.neighbors);
}

/** Handles one command while mounted. Return `false` to leave it to the handler registered before. */
export function useCommand<Name extends Command['do']>(
  name: Name,
  handler: (command: Extract<Command, { do: Name }>) => unknown,
): void {
  const { onCommand } = useApp();
  const latest = useRef(handler);
  latest.current = handler;
  // a layout effect: the view must take keys as soon as it is visible
  useLayoutEffect(
    () =>
      onCommand(
        (command) => command.do === name && latest.current(command as Extract<Command, { do: Name }>) !== false,
      ),
    [onCommand, name],
  );
}

/** Subscribes to the live feed while mounted. A new filter replaces the subscription. */
export function useFeed(subscription: Subscription | undefined): void {
  const { stream } = useApp();
  const text = JSON.stringify(subscription);
  useEffect(() => {
    if (!subscription) return;
    stream.subscribe(subscription);
    return () => stream.unsubscribe(subscription.id);
  }, [stream, text]);
}

/** Calls `observer` with every batch of messages while mounted, after the store has applied it. */
export function useMessages(observer: (messages: readonly Message[]) => void): void {
  const { store } = useApp();
  const latest = useRef(observer);
  latest.current = observer;
  useEffect(() => store.observe((messages) => latest.current(messages)), [store]);
}

/** A REST answer and its state. `answer` keeps the last one while a newer one loads. */
export interface Read<T> {
  answer: T | undefined;
  error: RequestError | undefined;
  loading: boolean;
  /** Reads again immediately. */
  again: () => void;
}

/** Minimum milliseconds between reads of one URL, however often its revision changes. */
export const rereadInterval = 1_000;

/** Reads `path`. Reads again when the query changes, `revision` changes (rate-limited), or the feed had a gap. */
export function useRead<T>(path: string | undefined, query: Query = {}, revision: unknown = 0): Read<T> {
  const { rest } = useApp();
  const generation = useModel((model) => model.generation);
  const key = path === undefined ? undefined : rest.url(path, query);
  const [state, setState] = useState<{ key: string | undefined; answer?: T; error?: RequestError }>({ key });
  const [asked, setAsked] = useState(0);
  const reader = useRef<Reader>(undefined);

  // `key` covers path and query
  useEffect(() => {
    if (path === undefined) return;
    const read = async (signal: AbortSignal) => {
      try {
        const answer = await rest.get<T>(path, query, signal);
        if (!signal.aborted) setState({ key, answer });
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof RequestError)) throw error;
        setState((before) => ({ ...(before.key === key && before), key, error }));
      }
    };
    reader.current = new Reader(read);
    return () => reader.current?.stop();
  }, [key, generation, asked]);

  const seen = useRef(revision);
  useEffect(() => {
    if (seen.current !== revision) reader.current?.soon();
    seen.current = revision;
  }, [revision]);

  const current = state.key === key ? state : undefined;
  return {
    answer: current?.answer,
    error: current?.error,
    loading: key !== undefined && current?.answer === undefined && current?.error === undefined,
    again: () => setAsked((n) => n + 1),
  };
}

/** Reads immediately, then on request: one read at a time, at most one per `rereadInterval`. */
class Reader {
  readonly #read: (signal: AbortSignal) => Promise<void>;
  readonly #abort = new AbortController();
  #reading = false;
  #wanted = false;
  #readAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(read: (signal: AbortSignal) => Promise<void>) {
    this.#read = read;
    void this.#run();
  }

  soon(): void {
    this.#wanted = true;
    if (this.#reading || this.#timer !== undefined) return;
    const wait = Math.max(0, this.#readAt + rereadInterval - performance.now());
    this.#timer = setTimeout(() => void this.#run(), wait);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#abort.abort();
  }

  async #run(): Promise<void> {
    this.#timer = undefined;
    this.#wanted = false;
    this.#reading = true;
    this.#readAt = performance.now();
    await this.#read(this.#abort.signal);
    this.#reading = false;
    if (this.#wanted && !this.#abort.signal.aborted) this.soon();
  }
}
