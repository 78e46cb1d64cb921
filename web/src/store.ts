/** Holds the state. Collects messages and applies them together, at most ten times a second. */
import { useEffect, useState } from 'preact/hooks';
import { initialModel, type Message, type Model, reduce } from './model.ts';

/** Milliseconds between renderings: reading is slower, and a burst costs one rendering. */
export const frameInterval = 100;

/** Maximum queued messages. Browsers wake a hidden tab only once a minute. */
export const maxQueued = 5_000;

export class Store {
  model: Model;
  #queue: Message[] = [];
  #scheduled = false;
  #flushedAt = 0;
  #listeners = new Set<() => void>();
  #observers = new Set<(messages: readonly Message[]) => void>();

  constructor(now: number) {
    this.model = initialModel(now);
  }

  dispatch(messages: readonly Message[]): void {
    for (const message of messages) this.#queue.push(message);
    if (this.#queue.length > maxQueued) this.flush();
    if (this.#scheduled || this.#queue.length === 0) return;
    this.#scheduled = true;
    const wait = Math.max(0, this.#flushedAt + frameInterval - performance.now());
    // a hidden tab gets no animation frames
    setTimeout(() => (document.hidden ? this.flush() : requestAnimationFrame(() => this.flush())), wait);
  }

  /** Calls `observer` with every batch after applying it. Call the returned function to stop. */
  observe(observer: (messages: readonly Message[]) => void): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Applies queued messages immediately. */
  flush(): void {
    const messages = this.#queue;
    this.#scheduled = false;
    if (messages.length === 0) return;
    this.#queue = [];
    this.#flushedAt = performance.now();
    this.model = reduce(this.model, messages, Date.now());
    for (const listener of this.#listeners) listener();
    for (const observer of this.#observers) observer(messages);
  }
}

/** Selects a part of the model; renders again only when it changes. */
export function useSelect<T>(store: Store, select: (model: Model) => T): T {
  const [selected, setSelected] = useState(() => select(store.model));
  useEffect(() => {
    const update = () => setSelected(() => select(store.model));
    update();
    return store.subscribe(update);
    // selectors are inline and capture nothing
  }, [store]);
  return selected;
}
