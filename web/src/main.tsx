/** Entry point: connects, renders the page and polls what the feed does not carry. */
/// <reference types="vite/client" />
import { render } from 'preact';
import type { Envelope, Neighbor, Page, Status, Summary } from '../../src/api/schemas.ts';
import { protocols, RequestError, Rest, Stream } from './client.ts';
import { PeerglassPage } from './page.tsx';
import { TokenForm } from './parts/token.tsx';
import { Store } from './store.ts';

/** Milliseconds between reads of what the feed does not carry: counters, queues, sources. */
const refreshInterval = 5_000;
const tokenKey = 'peerglass.token';

const root = document.getElementById('page')!;
const base = new URL('api/v1', document.baseURI);
const token = () => sessionStorage.getItem(tokenKey) ?? '';
const rest = new Rest(base.href, token);
const store = new Store(Date.now());
const stream = new Stream({
  open: () => new WebSocket(`${base.href.replace(/^http/, 'ws')}/stream`, protocols(token())),
  receive: (messages) => store.dispatch(messages),
  now: () => Date.now(),
  random: () => Math.random(),
});

/** Above this many neighbors, only every sixth refresh reads their counters. The feed carries their states. */
const manyNeighbors = 200;
let round = 0;

async function refresh(): Promise<void> {
  const [status, summary] = await Promise.all([
    rest.get<Envelope<Status>>('/status'),
    rest.get<Envelope<Summary>>('/checks/summary'),
  ]);
  store.dispatch([
    { type: 'status', status: status.data },
    { type: 'summary', summary: summary.data },
  ]);
  if (round++ % 6 !== 0 && (store.model.neighbors?.size ?? 0) > manyNeighbors) return;
  const neighbors = await rest.get<Page<Neighbor>>('/neighbors', { limit: 10_000 });
  store.dispatch([{ type: 'neighbors', neighbors: neighbors.data }]);
}

/** Refreshes until the page closes. Ignores failures: the state of the feed shows an unreachable collector. */
async function refreshForever(): Promise<void> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, refreshInterval));
    if (!document.hidden) await refresh().catch(() => {});
  }
}

async function start(): Promise<void> {
  try {
    await refresh();
  } catch (error) {
    if (error instanceof RequestError && error.status === 401) return askForToken();
  }
  // the first rendering has all data
  store.flush();
  render(<PeerglassPage rest={rest} stream={stream} store={store} />, root);
  stream.subscribe({ id: 'page', routes: false, verdicts: true });
  stream.connect();
  addEventListener('online', () => stream.connect());
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return;
    stream.connect();
    void refresh().catch(() => {});
  });
  void refreshForever();
}

function askForToken(): void {
  const wrong = sessionStorage.getItem(tokenKey) !== null;
  const go = (token: string) => {
    sessionStorage.setItem(tokenKey, token);
    render(null, root);
    void start();
  };
  render(<TokenForm onToken={go} wrong={wrong} />, root);
}

void start();
