/** The page frame: navigation, search box, the current view and screen-reader announcements. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type App, AppContext, useModel } from './app.ts';
import { formatCount } from './format.ts';
import { type Command, keyReader } from './keys.ts';
import { announcement, countNeighbors, type VerdictMessage } from './model.ts';
import { Help } from './parts/help.tsx';
import { To } from './parts/link.tsx';
import { Search } from './parts/search.tsx';
import { formatPlace, type Place, parsePlace, place, type ViewName } from './router.ts';
import type { Store } from './store.ts';
import { Checks } from './views/checks.tsx';
import { Diagnoses } from './views/diagnoses.tsx';
import { Explain } from './views/explain.tsx';
import { Layer2 } from './views/l2.tsx';
import { Live } from './views/live.tsx';
import { Neighbor } from './views/neighbor.tsx';
import { Neighbors } from './views/neighbors.tsx';
import { Node } from './views/node.tsx';
import { NotFound } from './views/not-found.tsx';
import { OverlayRules } from './views/overlay.tsx';
import { Overview } from './views/overview.tsx';
import { Advertisement, Pool } from './views/pool.tsx';
import { Prefix } from './views/prefix.tsx';
import { Routes } from './views/routes.tsx';
import { Service } from './views/service.tsx';
import './page.css';
import './phone.css';

const viewOf: Readonly<Record<ViewName, () => preact.JSX.Element>> = {
  overview: Overview,
  neighbors: Neighbors,
  neighbor: Neighbor,
  routes: Routes,
  prefix: Prefix,
  live: Live,
  checks: Checks,
  diagnoses: Diagnoses,
  explain: Explain,
  l2: Layer2,
  service: Service,
  node: Node,
  pool: Pool,
  advertisement: Advertisement,
  overlay: OverlayRules,
  'not-found': NotFound,
};

const titles: Readonly<Record<ViewName, string>> = {
  overview: 'Overview',
  neighbors: 'Neighbors',
  neighbor: 'Neighbor',
  routes: 'Routes',
  prefix: 'Prefix',
  live: 'Live',
  checks: 'Checks',
  diagnoses: 'Diagnoses',
  explain: 'Why',
  l2: 'Layer 2',
  service: 'Service',
  node: 'Node',
  pool: 'IPAddressPool',
  advertisement: 'BGPAdvertisement',
  overlay: 'Overlay rules',
  'not-found': 'Page not found',
};

export function PeerglassPage({ rest, stream, store, poller }: Pick<App, 'rest' | 'stream' | 'store' | 'poller'>) {
  const [here, go] = usePlace();
  const [help, setHelp] = useState(false);
  const { dispatch, onCommand } = useKeyboard();

  const app = useMemo<App>(
    () => ({ rest, stream, store, poller, place: here, go, onCommand }),
    [rest, stream, store, poller, here, go, onCommand],
  );
  dispatch.current = (command) => {
    if (command.do === 'help') setHelp(true);
    if (command.do === 'go') go(entryPlace(command.view));
    if (command.do === 'move') moveFocus(command.by);
  };

  useEffect(() => {
    document.title = `${here.subject ? `${here.subject} · ` : ''}${titles[here.view]} · Peerglass`;
  }, [here.view, here.subject]);

  const View = viewOf[here.view];
  return (
    <AppContext.Provider value={app}>
      <button type="button" class="skip" onClick={() => document.getElementById('content')?.focus()}>
        Skip to content
      </button>
      <div class="page">
        <Navigation here={here} onHelp={() => setHelp(true)} />
        <div class="body">
          <div class="top">
            <Search />
            <ConnectionState />
          </div>
          <main id="content" tabIndex={-1}>
            <View key={`${here.view} ${here.subject}`} />
          </main>
        </div>
      </div>
      <Help open={help} onClose={() => setHelp(false)} />
      <Announcer store={store} />
    </AppContext.Provider>
  );
}

/** Moves the focus among the items of a view without a table. */
function moveFocus(by: number | 'first' | 'last'): void {
  const items = [...document.querySelectorAll<HTMLElement>('main [data-item]')];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const to = by === 'first' ? 0 : by === 'last' ? items.length - 1 : Math.max(0, Math.min(items.length - 1, at + by));
  items[to]?.focus();
}

/** The place in the URL, and a function that changes it. */
function usePlace(): [Place, App['go']] {
  const [here, setHere] = useState(() => parsePlace(location.hash));
  useEffect(() => {
    const update = () => setHere(parsePlace(location.hash));
    addEventListener('popstate', update);
    return () => removeEventListener('popstate', update);
  }, []);
  const go = useCallback<App['go']>((to, how) => {
    const url = formatPlace(to);
    if (how === 'replace') history.replaceState(null, '', url);
    else history.pushState(null, '', url);
    setHere(to);
  }, []);
  return [here, go];
}

/** Reads keys and offers each command to the handlers, last registered first. Unhandled commands go to `dispatch`. */
function useKeyboard() {
  const handlers = useRef<((command: Command) => boolean)[]>([]);
  const dispatch = useRef<(command: Command) => void>(() => {});
  useEffect(() => {
    const read = keyReader();
    const onKeyDown = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (target.closest('dialog')) return;
      const command = read({
        key: event.key,
        typing: target.matches('input:not([type=checkbox]), textarea, select'),
        onControl: target.matches('a, button, input, summary'),
        modified: event.ctrlKey || event.altKey || event.metaKey,
        at: event.timeStamp,
      });
      if (!command) return;
      event.preventDefault();
      if (!handlers.current.toReversed().some((handler) => handler(command))) dispatch.current(command);
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, []);
  const onCommand = useCallback<App['onCommand']>((handler) => {
    handlers.current.push(handler);
    return () => void handlers.current.splice(handlers.current.indexOf(handler), 1);
  }, []);
  return { dispatch, onCommand };
}

/** The place that a navigation entry opens. Checks opens with verdicts that are not ok. */
const entryPlace = (view: ViewName): Place => place(view, view === 'checks' ? { q: 'verdict:!ok' } : {});

const entries: readonly (readonly [view: ViewName, key: string, covers: readonly ViewName[]])[] = [
  ['overview', 'g o', ['overview']],
  ['diagnoses', 'g d', ['diagnoses']],
  ['checks', 'g c', ['checks', 'overlay']],
  ['explain', 'g e', ['explain', 'service', 'node', 'pool', 'advertisement']],
  ['routes', 'g r', ['routes', 'prefix']],
  ['l2', 'g 2', ['l2']],
  ['neighbors', 'g n', ['neighbors', 'neighbor']],
  ['live', 'g l', ['live']],
];

function Navigation({ here, onHelp }: { here: Place; onHelp: () => void }) {
  const status = useModel((model) => model.status);
  const verdicts = useModel((model) => model.summary?.verdicts);
  const wrong = verdicts ? verdicts.missing + verdicts.mismatch + verdicts.unexpected : 0;
  const diagnoses = status ? status.diagnoses.critical + status.diagnoses.warning : 0;
  const counts: Partial<Record<ViewName, number>> = {
    ...(status && { neighbors: countNeighbors(status), routes: status.rib.routes }),
    ...(wrong > 0 && { checks: wrong }),
    ...(diagnoses > 0 && { diagnoses }),
  };
  return (
    <nav aria-label="Views">
      <p class="brand">
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <circle cx="14" cy="14" r="8" />
          <path d="m10.3 14.2 2.7 2.7 4.9-5.4" class="tick-mark" />
          <path d="m20 20 6 6" />
        </svg>
        Peerglass
      </p>
      <ul>
        {entries.map(([view, key, covers]) => (
          <li key={view}>
            <To
              place={entryPlace(view)}
              {...(covers.includes(here.view) && { 'aria-current': 'page' as const })}
              title={`${titles[view]} (${key})`}
            >
              {titles[view]}
              {counts[view] !== undefined && (
                <span class={`count${view === 'checks' || view === 'diagnoses' ? ' wrong' : ''}`}>
                  {formatCount(counts[view])}
                </span>
              )}
            </To>
          </li>
        ))}
      </ul>
      <div class="foot">
        {status && (
          <>
            <p title="Collector name">{status.collector}</p>
            <p class="dim">
              AS {status.asn}, version {status.version}
            </p>
          </>
        )}
        <p>
          <a href="api/v1/docs">API</a>
          <button type="button" class="link" onClick={onHelp}>
            Shortcuts <kbd>?</kbd>
          </button>
        </p>
      </div>
    </nav>
  );
}

const connectionWords = { connecting: 'connecting', live: 'live', lost: 'disconnected' } as const;

function ConnectionState() {
  const connection = useModel((model) => model.connection);
  return (
    <p class={`connection ${connection.state}`} role="status" title={connection.text || 'Receiving live updates'}>
      {connectionWords[connection.state]}
    </p>
  );
}

/** Milliseconds between announcements, so that a screen reader can finish a sentence. */
const announceInterval = 4_000;
/** Verdict changes kept for the next announcement. */
const maxAnnounced = 1_000;

/** Announces verdict changes to screen readers, several at a time if they come fast. */
function Announcer({ store }: { store: Store }) {
  const [text, setText] = useState('');
  useEffect(() => {
    let collected: VerdictMessage[] = [];
    let saidAt = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const say = () => {
      setText(announcement(collected));
      collected = [];
      saidAt = Date.now();
      timer = undefined;
    };
    const stop = store.observe((messages) => {
      for (const message of messages)
        if (message.type === 'verdict' && collected.length < maxAnnounced) collected.push(message);
      if (collected.length > 0) timer ??= setTimeout(say, Math.max(0, saidAt + announceInterval - Date.now()));
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [store]);
  return (
    <div class="visually-hidden" aria-live="polite" aria-atomic="true">
      {text}
    </div>
  );
}
