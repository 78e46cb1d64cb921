/** Access to the collector: REST reads, and the live feed with reconnect and resume. */

import type { Problem, ServerMessage, SubscribeMessage } from '../../src/api/schemas.ts';
import { withoutHidden } from '../../src/visible.ts';
import type { Connection, Message } from './model.ts';

/** A failed request: the server's problem document, or the reason for having none. */
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

/** REST under `base` (`…/api/v1`). Calls `token` for each request, because the user may enter it later. */
export class Rest {
  readonly #base: string;
  readonly #token: () => string;

  constructor(base: string, token: () => string) {
    this.#base = base;
    this.#token = token;
  }

  /** The JSON of the answer. Throws RequestError, or AbortError if `signal` aborts. */
  async get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
    const response = await fetch(this.url(path, query), { headers: this.#headers(), ...(signal && { signal }) }).catch(
      (error) => {
        if (signal?.aborted) throw error;
        throw new RequestError(0, 'unreachable', 'The collector does not respond.');
      },
    );
    if (response.ok) return JSON.parse(withoutHidden(await response.text())) as T;
    throw await problem(response);
  }

  /** The URL of a resource, also for links and exports (`format: 'csv'`). */
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

/** WebSocket subprotocols. One carries the token as base64url, because browsers cannot set WebSocket headers. */
export function protocols(token: string): string[] {
  if (token === '') return ['peerglass.v1'];
  const base64 = btoa(String.fromCharCode(...new TextEncoder().encode(token)));
  return ['peerglass.v1', `bearer.${base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')}`];
}

/** A subscription with its filter as text, like the query of `/routes`. */
export type Subscription = Omit<SubscribeMessage, 'type' | 'resumeFrom' | 'filter'> & {
  filter?: Readonly<Record<string, string>>;
};

/** The used part of WebSocket; tests supply their own. */
export type Socket = Pick<WebSocket, 'send' | 'close' | 'onopen' | 'onmessage' | 'onclose'>;

export interface StreamOptions {
  open: () => Socket;
  /** Called per WebSocket message, up to a thousand times a second. */
  receive: (messages: readonly Message[]) => void;
  /** epoch ms */
  now: () => number;
  /** 0..1; spreads the reconnects of many pages. */
  random: () => number;
}

/** Minimum and maximum wait before a reconnect, ms. */
export const minRetryDelay = 500;
export const maxRetryDelay = 15_000;
/** Milliseconds without a message (heartbeats come every 15 s) after which the connection counts as dead. */
export const maxSilence = 40_000;
/** Maximum milliseconds without a connection after which the feed resumes instead of restarting. */
export const maxResumeAge = 60_000;

/**
 * The live feed. Subscriptions survive reconnects: they resume from the last seq received, so a short break leaves no
 * gap. A long break emits `away` with the missed range.
 */
export class Stream {
  readonly #options: StreamOptions;
  readonly #subscriptions = new Map<string, Subscription>();
  #socket: Socket | undefined;
  #failures = 0;
  #seq = 0;
  /** Epoch of `#seq`; undefined if the collector sent none. */
  #epoch: string | undefined;
  #heardAt = 0;
  #live = false;
  /** First seq missed during a long break. The next seq received ends the range. */
  #missedFrom: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  /** Connects immediately, even while waiting to retry. */
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

  /** Adds a subscription, or replaces the subscription with the same id. */
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
    const resume = this.#seq > 0 && now - this.#heardAt <= maxResumeAge;
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
      // the seq belongs to another database
      if (message.type === 'gap' && message.reason === 'resume-unknown') this.#seq = 0;
      if ('epoch' in message) this.#epoch = message.epoch;
      if (message.type !== 'route' && message.type !== 'heartbeat' && message.type !== 'subscribed') continue;
      if (this.#missedFrom !== undefined) {
        if (message.seq > this.#missedFrom)
          this.#options.receive([{ type: 'away', from: this.#missedFrom, to: message.seq }]);
        this.#missedFrom = undefined;
      }
      // `subscribed` names the current seq even if earlier changes are still to be replayed
      if (message.type !== 'subscribed' || this.#seq === 0) this.#seq = Math.max(this.#seq, message.seq);
    }
    this.#options.receive(messages);
  }

  #closed(socket: Socket, text: string): void {
    if (socket !== this.#socket) return;
    const { now, random } = this.#options;
    this.#socket = undefined;
    this.#live = false;
    const wait = Math.min(maxRetryDelay, minRetryDelay * 2 ** this.#failures) * (0.75 + random() / 2);
    this.#failures++;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.connect(), wait);
    this.#report('lost', now() + wait, text);
  }

  /** Closes `socket` when it goes silent, for example after a laptop slept or a proxy dropped the connection. */
  #watch(socket: Socket): void {
    this.#heardAt ||= this.#options.now();
    const since = this.#options.now();
    const check = () => {
      if (socket !== this.#socket) return;
      const silence = this.#options.now() - Math.max(since, this.#heardAt);
      if (silence < maxSilence) {
        this.#timer = setTimeout(check, maxSilence - silence);
        return;
      }
      socket.onclose = null;
      socket.close();
      this.#closed(socket, 'No message from the collector for 40 s');
    };
    this.#timer = setTimeout(check, maxSilence);
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
  if (code === 1013) return 'The collector closed the feed because this page was too slow';
  return reason || 'Lost the connection to the collector';
}
