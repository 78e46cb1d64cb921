/** Entry point: connects, renders the page and polls what the feed does not carry. */
/// <reference types="vite/client" />
import { render } from 'preact';
import { protocols, RequestError, Rest, Stream } from './client.ts';
import { PeerglassPage } from './page.tsx';
import { TokenForm } from './parts/token.tsx';
import { Poller } from './poller.ts';
import { Store } from './store.ts';

/** Milliseconds between reads of what the feed does not carry: counters, queues, sources. */
const refreshInterval = 5_000;
/** Maximum milliseconds that the first rendering waits for the feed. */
const maxFirstAttempt = 2_000;
const tokenKey = 'peerglass.token';

const root = document.getElementById('page')!;
const base = new URL('api/v1', document.baseURI);
const token = () => sessionStorage.getItem(tokenKey) ?? '';
const rest = new Rest(base.href, token);
const store = new Store(Date.now());
/** Resolves when the first connection of the feed succeeds or fails. */
const firstAttempt = Promise.withResolvers<void>();
const stream = new Stream({
  open: () => new WebSocket(`${base.href.replace(/^http/, 'ws')}/stream`, protocols(token())),
  receive: (messages) => {
    store.dispatch(messages);
    if (messages.some((message) => message.type === 'connection' && message.connection.state !== 'connecting'))
      firstAttempt.resolve();
  },
  now: () => Date.now(),
  random: () => Math.random(),
});

const delay = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const poller = new Poller(rest, (messages) => store.dispatch(messages));

/** Refreshes until the page closes. Ignores failures: the state of the feed shows an unreachable collector. */
async function refreshForever(): Promise<void> {
  for (;;) {
    await delay(refreshInterval);
    if (!document.hidden) await poller.refresh().catch(() => {});
  }
}

async function start(): Promise<void> {
  try {
    await poller.refresh();
  } catch (error) {
    if (error instanceof RequestError && error.status === 401) return askForToken();
  }
  stream.subscribe({ id: 'page', routes: false, verdicts: true });
  stream.connect();
  // views that read before the feed is live would have to read again
  await Promise.race([firstAttempt.promise, delay(maxFirstAttempt)]);
  store.flush();
  render(<PeerglassPage rest={rest} stream={stream} store={store} poller={poller} />, root);
  addEventListener('online', () => stream.connect());
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return;
    stream.connect();
    void poller.refresh().catch(() => {});
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
