/**
 * Live clients in a process of their own: WebSocket and SSE, with different filters, some of which never read. One
 * reads everything and keeps a ledger of published changes: what was published must be there after any restart.
 */
import http from 'node:http';
import { WebSocket } from 'ws';
import type { ServerMessage } from '../../src/api/schemas.ts';
import { serviceCount, sessionAddress } from './addresses.ts';
import { serve } from './rpc.ts';

const reconnectMs = 1_000;
/** Changes that the ledger remembers. */
const maxLedger = 20_000;

/** One published change. */
export interface Published {
  seq: number;
  action: string;
  neighbor: string;
  prefix: string;
}

export interface ClientTally {
  wanted: number;
  open: number;
  /** Close codes (WebSocket) and answers (SSE), with how often each came. */
  ends: Record<string, number>;
  messages: number;
  gaps: Record<string, number>;
  /** Messages whose seq went back on the same connection. */
  disordered: string[];
}

export class Clients {
  #url = '';
  #ends: Record<string, number> = {};
  #gaps: Record<string, number> = {};
  #messages = 0;
  #open = 0;
  #wanted = 0;
  #disordered: string[] = [];
  #ledger: Published[] = [];
  #highest = 0;
  /** Clients from this number on stay closed. */
  #limit = Number.POSITIVE_INFINITY;
  readonly #close = new Map<number, () => void>();

  /** Opens `count` clients with the one that keeps the ledger, `stalled` of which never read; they come back whenever they are closed. */
  start(url: string, count: number, stalled: number): void {
    this.#url = url;
    this.#wanted = count;
    this.#follow();
    for (let i = 0; i < count - 1; i++) {
      const filter = filterOf(i);
      if (i % 2 === 0) this.#webSocket(i, filter, i < stalled);
      else this.#sse(i, filter, i < stalled);
    }
  }

  /** Leaves at most `count` clients open, so that a scenario has room for connections; without `count` all come back. */
  limit(count = Number.POSITIVE_INFINITY): void {
    this.#limit = count;
    for (const [index, close] of this.#close) if (index >= count) close();
  }

  tally(): ClientTally {
    const tally: ClientTally = {
      wanted: this.#wanted,
      open: this.#open,
      ends: this.#ends,
      messages: this.#messages,
      gaps: this.#gaps,
      disordered: this.#disordered,
    };
    this.#ends = {};
    this.#gaps = {};
    this.#disordered = [];
    return tally;
  }

  /** The last published changes, oldest first, and the highest seq that any message had. */
  ledger(): { changes: Published[]; highest: number } {
    return { changes: this.#ledger, highest: this.#highest };
  }

  /** Forgets what was published: the soak has destroyed the database. */
  forget(): void {
    this.#ledger = [];
    this.#highest = 0;
  }

  #end(how: string | number): void {
    this.#ends[how] = (this.#ends[how] ?? 0) + 1;
  }

  #again(index: number, connect: () => void): void {
    this.#close.delete(index);
    setTimeout(() => (index < this.#limit ? connect() : this.#again(index, connect)), reconnectMs);
  }

  /** The client that keeps the ledger. */
  #follow(): void {
    const connect = (): void => {
      let last = 0;
      this.#socket(
        -1,
        {},
        false,
        (text) => {
          const parsed = JSON.parse(text) as ServerMessage | ServerMessage[];
          for (const message of Array.isArray(parsed) ? parsed : [parsed]) {
            if (message.type === 'gap') {
              this.#gaps[message.reason] = (this.#gaps[message.reason] ?? 0) + 1;
              last = 0;
            }
            if (message.type !== 'route') continue;
            const { seq, action, route } = message;
            if (seq < last) this.#disordered.push(`${action} ${route.prefix} has seq ${seq} after ${last}`);
            last = seq;
            this.#highest = Math.max(this.#highest, seq);
            this.#ledger.push({ seq, action, neighbor: route.neighbor.address, prefix: route.prefix });
          }
          if (this.#ledger.length > 2 * maxLedger) this.#ledger = this.#ledger.slice(-maxLedger);
        },
        connect,
      );
    };
    connect();
  }

  #webSocket(index: number, filter: Record<string, unknown>, isStalled: boolean): void {
    const connect = (): void =>
      this.#socket(
        index,
        filter,
        isStalled,
        () => {
          this.#messages++;
        },
        connect,
      );
    connect();
  }

  #socket(
    index: number,
    filter: Record<string, unknown>,
    isStalled: boolean,
    onText: (text: string) => void,
    connect: () => void,
  ): void {
    const socket = new WebSocket(`${this.#url.replace('http', 'ws')}/api/v1/stream`, { perMessageDeflate: false });
    let isOpen = false;
    this.#close.set(index, () => socket.terminate());
    socket.on('open', () => {
      isOpen = true;
      this.#open++;
      socket.send(JSON.stringify({ type: 'subscribe', id: 'soak', filter, verdicts: true, snapshot: isStalled }));
      if (isStalled) socket.pause();
    });
    socket.on('message', (data) => onText(String(data)));
    socket.on('error', (error) => this.#end(error.message.replace(/\d+\.\d+\.\d+\.\d+:\d+/, '')));
    socket.on('close', (code) => {
      if (isOpen) {
        this.#open--;
        this.#end(code);
      }
      this.#again(index, connect);
    });
  }

  #sse(index: number, filter: Record<string, unknown>, isStalled: boolean): void {
    const query = new URLSearchParams(Object.entries(filter).map(([key, value]) => [key, String(value)]));
    const connect = (): void => {
      let isAnswered = false;
      const request = http.get(`${this.#url}/api/v1/stream/sse?${query}`, { agent: false }, (response) => {
        isAnswered = true;
        const isOpen = response.statusCode === 200;
        if (isOpen) this.#open++;
        else this.#end(`SSE ${response.statusCode}`);
        if (isStalled) response.pause();
        else
          response.on('data', () => {
            this.#messages++;
          });
        // a reader that stalls sees the end when it closes itself
        if (isStalled) request.setTimeout(120_000, () => request.destroy());
        response.on('error', () => {});
        response.once('close', () => {
          if (isOpen) this.#open--;
          this.#again(index, connect);
        });
      });
      this.#close.set(index, () => request.destroy());
      request.once('error', (error) => {
        this.#end(error.message.replace(/\d+\.\d+\.\d+\.\d+:\d+/, ''));
        if (!isAnswered) this.#again(index, connect);
      });
    };
    connect();
  }
}

/** Filters of many kinds. One client in 20 wants everything. */
function filterOf(index: number): Record<string, unknown> {
  const address = sessionAddress(index % 200);
  switch (index % 20) {
    case 0:
      return {};
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
    case 6:
      return { neighbor: address };
    case 7:
    case 8:
    case 9:
      return { prefix: `10.0.0.${1 + (index % serviceCount)}/32` };
    case 10:
    case 11:
      return { prefix: '20.0.0.0/6', match: 'longer', neighbor: address };
    case 12:
    case 13:
      return { verdict: 'mismatch' };
    case 14:
      return { asPath: '65001' };
    case 15:
      return { community: '64512:1' };
    default:
      return { node: `node-${index % 200}`, prefix: '10.0.0.0/8', match: 'longer' };
  }
}

serve(new Clients());
