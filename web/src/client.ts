/** The two ways to the collector: REST reads, and the live feed with reconnection and resumption. */

import type { Problem, ServerMessage, SubscribeMessage } from '../../src/api/schemas.ts';
import { withoutHidden } from '../../src/visible.ts';
import type { Connection, Message } from './model.ts';

/** An answer that is not a success: the server's problem document, or what stood in the way of one. */
export class RequestError extends Error {
  override name = 'RequestError';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

export type Query = Readonly<Record<string, string | number | undefined>>;

/** REST under `base` (`…/api/v1`). `token` is asked for each request: it may come later. */
export class Rest {
  readonly #base: string;
  readonly #token: () => string;

  constructor(base: string, token: () => string) {
    this.#base = base;
    this.#token = token;
  }

  /** The answer's JSON. Throws RequestError, or an AbortError when `signal` says so. */
  async get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
    const response = await fetch(this.url(path, query), { headers: this.#headers(), ...(signal && { signal }) }).catch(
      (error) => {
        if (signal?.aborted) throw error;
        throw new RequestError(0, 'unreachable', 'The collector does not answer.');
      },
    );
    if (response.ok) return JSON.parse(withoutHidden(await response.text())) as T;
    throw await problem(response);
  }

  /** Where the same data is for other tools, e.g. with `format: 'csv'`. */
  url(path: string, query: Query = {}): string {
    const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
    const search = new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
    return `${this.#base}${path}${search && `?${search}`}`;
  }

  #headers(): Record<string, string> {
    const token = this.#token();
    return token === '' ? {} : { authorization: `Bearer ${token}` };
  }
}

async function problem(response: Response): Promise<RequestError> {
  const body = (await response.json().catch(() => ({}))) as Partial<Problem>;
  const errors = body.errors?.map(({ path, text }) => (path ? `${path}: ${text}` : text)) ?? [];
  const detail = [body.detail ?? body.title ?? `HTTP ${response.status}`, ...errors].join(' ');
  return new RequestError(response.status, body.code ?? 'http-error', detail);
}

/** A browser cannot set headers on a WebSocket: the token goes as a subprotocol, base64url. */
export function protocols(token: string): string[] {
  if (token === '') return ['peerglass.v1'];
  const base64 = btoa(String.fromCharCode(...new TextEncoder().encode(token)));
  return ['peerglass.v1', `bearer.${base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')}`];
}

/** The filter as text, like the query of `/routes`. */
export type Subscription = Omit<SubscribeMessage, 'type' | 'resumeFrom' | 'filter'> & {
  filter?: Readonly<Record<string, string>>;
};

/** The part of WebSocket that is used; tests bring their own. */
export type Socket = Pick<WebSocket, 'send' | 'close' | 'onopen' | 'onmessage' | 'onclose'>;

export interface StreamOptions {
  open: () => Socket;
  /** Called per WebSocket message; may come a thousand times a second. */
  receive: (messages: readonly Message[]) => void;
  /** epoch ms */
  now: () => number;
  /** 0..1; spreads the reconnections of many pages. */
  random: () => number;
}

/** First and longest wait before a reconnection, ms. */
export const firstRetry = 500;
export const longestRetry = 15_000;
/** Nothing heard for this long, ms, though heartbeats come every 15 s: the connection is dead. */
export const silenceLimit = 40_000;
/** Away for longer than this, ms, and the feed starts anew: nobody scrolls back through an hour of changes. */
export const resumeWindow = 60_000;

/**
 * The live feed. Subscriptions outlive the connection: after a reconnection they are renewed from the last seq seen,
 * so a short break leaves no hole; after a long one the hole is marked (`away`).
 */
export class Stream {
  readonly #options: StreamOptions;
  readonly #subscriptions = new Map<string, Subscription>();
  #socket: Socket | undefined;
  #failures = 0;
  #seq = 0;
  /** Epoch of the collector that issued `#seq`; undefined when it named none. */
  #epoch: string | undefined;
  #heardAt = 0;
  #live = false;
  /** First seq of a hole that is there after a long absence; its end is the next seq heard. */
  #missedFrom: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  /** Connects; also right away when it is waiting for its next try. */
  connect(): void {
    clearTimeout(this.#timer);
    if (this.#socket) return;
    this.#report('connecting', null, 'Connecting');
    const socket = this.#options.open();
    this.#socket = socket;
    this.#watch(socket);
    socket.onopen = () => this.#opened(socket);
    socket.onmessage = ({ data }) =>
      this.#received(JSON.parse(withoutHidden(String(data))) as ServerMessage | ServerMessage[]);
    socket.onclose = ({ code, reason }) => this.#closed(socket, closeText(code, reason));
  }

  /** Adds a subscription, or replaces the one with its id. */
  subscribe(subscription: Subscription): void {
    this.#subscriptions.set(subscription.id, subscription);
    if (this.#live) this.#send({ type: 'subscribe', ...subscription });
  }

  unsubscribe(id: string): void {
    if (this.#subscriptions.delete(id) && this.#live) this.#send({ type: 'unsubscribe', id });
  }

  close(): void {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    this.#live = false;
    socket?.close();
  }

  #opened(socket: Socket): void {
    if (socket !== this.#socket) return;
    const now = this.#options.now();
    const resume = this.#seq > 0 && now - this.#heardAt <= resumeWindow;
    this.#missedFrom = this.#seq > 0 && !resume ? this.#seq + 1 : undefined;
    this.#live = true;
    this.#heardAt = now;
    for (const subscription of this.#subscriptions.values())
      this.#send({ type: 'subscribe', ...subscription, ...(resume && this.#position) });
    this.#report('live', null, '');
  }

  get #position(): Pick<SubscribeMessage, 'resumeFrom' | 'epoch'> {
    return { resumeFrom: this.#seq, ...(this.#epoch !== undefined && { epoch: this.#epoch }) };
  }

  #received(data: ServerMessage | ServerMessage[]): void {
    const messages = Array.isArray(data) ? data : [data];
    this.#heardAt = this.#options.now();
    this.#failures = 0;
    for (const message of messages) {
      // the collector has another history than the seq came from
      if (message.type === 'gap' && message.reason === 'resume-unknown') this.#seq = 0;
      if ('epoch' in message) this.#epoch = message.epoch;
      if (message.type !== 'route' && message.type !== 'heartbeat' && message.type !== 'subscribed') continue;
      if (this.#missedFrom !== undefined) {
        if (message.seq > this.#missedFrom)
          this.#options.receive([{ type: 'away', from: this.#missedFrom, to: message.seq }]);
        this.#missedFrom = undefined;
      }
      // `subscribed` names the present seq, also when changes before it are still to be replayed
      if (message.type !== 'subscribed' || this.#seq === 0) this.#seq = Math.max(this.#seq, message.seq);
    }
    this.#options.receive(messages);
  }

  #closed(socket: Socket, text: string): void {
    if (socket !== this.#socket) return;
    const { now, random } = this.#options;
    this.#socket = undefined;
    this.#live = false;
    const wait = Math.min(longestRetry, firstRetry * 2 ** this.#failures) * (0.75 + random() / 2);
    this.#failures++;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.connect(), wait);
    this.#report('lost', now() + wait, text);
  }

  /** Closes `socket` when it went silent: a laptop that slept, a proxy that forgot us. */
  #watch(socket: Socket): void {
    this.#heardAt ||= this.#options.now();
    const since = this.#options.now();
    const check = () => {
      if (socket !== this.#socket) return;
      const silence = this.#options.now() - Math.max(since, this.#heardAt);
      if (silence < silenceLimit) {
        this.#timer = setTimeout(check, silenceLimit - silence);
        return;
      }
      socket.onclose = null;
      socket.close();
      this.#closed(socket, 'Nothing was heard from the collector for 40 seconds');
    };
    this.#timer = setTimeout(check, silenceLimit);
  }

  #send(message: object): void {
    this.#socket?.send(JSON.stringify(message));
  }

  #report(state: Connection['state'], retryAt: number | null, text: string): void {
    const connection = { state, since: this.#options.now(), retryAt, text };
    this.#options.receive([{ type: 'connection', connection }]);
  }
}

function closeText(code: number, reason: string): string {
  if (code === 1013) return 'The collector closed the feed: this page was too slow';
  return reason || 'The connection to the collector was lost';
}
