/** The feed as it comes: changes of routes, verdicts and sessions, newest on top. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useApp, useCommand, useFeed, useMessages, useModel } from '../app.ts';
import { parseFilter } from '../filter.ts';
import { formatAsPath, formatCount, plural } from '../format.ts';
import { type LiveRow, maxLiveRows } from '../model.ts';
import { PrefixLink, To } from '../parts/link.tsx';
import { Empty } from '../parts/notice.tsx';
import { HowToPeer } from '../parts/peering.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { Clock, useNow } from '../parts/time.tsx';
import { VerdictBadge } from '../parts/verdict.tsx';
import { type Place, place } from '../router.ts';
import { headline } from '../verdicts.ts';
import { routeVocabulary } from '../vocabularies.ts';
import './live.css';

const kinds = ['route', 'verdict', 'session'] as const;
type Kind = (typeof kinds)[number];
const kindNames: Readonly<Record<Kind, string>> = { route: 'Routes', verdict: 'Verdicts', session: 'Sessions' };

/** Seconds over which the rate is averaged. */
const rateWindow = 5;

const columns: readonly Column<LiveRow>[] = [
  { title: 'Time', class: 'time', cell: (row) => <Clock at={row.at} /> },
  { title: 'What', class: 'what', cell: (row) => <What row={row} /> },
  { title: 'Prefix or neighbor', class: 'subject', cell: (row) => <About row={row} /> },
  { title: 'Node', class: 'node', cell: (row) => nodeOf(row) ?? '' },
  { title: 'Detail', class: 'detail', cell: (row) => <DetailText row={row} /> },
  { title: 'Seq', class: 'seq number mono', cell: (row) => (row.kind === 'route' ? row.change.seq : '') },
];

export function Live() {
  const { place: here, go, store } = useApp();
  const filter = useMemo(() => parseFilter(here.q, routeVocabulary), [here.q]);
  const neighbors = useModel((model) => model.neighbors);
  const { rows, frozen, nextId } = useModel((model) => model.live);
  const [hidden, setHidden] = useState<ReadonlySet<Kind>>(new Set());
  useFeed({ id: 'live', filter: filter.query });
  const rate = useRate();

  const pause = (paused: boolean) => store.dispatch([{ type: 'pause', paused }]);
  useCommand('pause', () => pause(frozen === undefined));
  useEffect(() => () => store.dispatch([{ type: 'pause', paused: false }]), [store]);
  // rows that another filter let in would look like answers to this one
  useEffect(() => () => store.dispatch([{ type: 'clear' }]), [store, here.q]);

  const shown = useMemo(
    () => (frozen ?? rows).filter((row) => row.kind === 'gap' || !hidden.has(row.kind)).toReversed(),
    [rows, frozen, hidden],
  );
  const waiting = frozen ? nextId - 1 - (frozen.at(-1)?.id ?? 0) : 0;
  return (
    <div class="list-view live">
      <header>
        <h1>Live feed</h1>
        <p class="dim">
          <strong class="rate-now">{rate < 10 ? rate.toFixed(1) : formatCount(Math.round(rate))}</strong> changes/s,
          last {plural(Math.min(shown.length, maxLiveRows), 'row')}
        </p>
        <fieldset class="kinds" aria-label="Show">
          {kinds.map((kind) => (
            <label key={kind}>
              <input type="checkbox" checked={!hidden.has(kind)} onChange={() => setHidden(toggled(hidden, kind))} />{' '}
              {kindNames[kind]}
            </label>
          ))}
        </fieldset>
        <button
          type="button"
          class="pause"
          aria-pressed={frozen !== undefined}
          onClick={() => pause(frozen === undefined)}
        >
          {frozen ? `Resume${waiting > 0 ? `, ${formatCount(waiting)} waiting` : ''}` : 'Pause'} <kbd>p</kbd>
        </button>
      </header>
      <Table
        caption="Changes, newest first"
        columns={columns}
        rows={shown}
        rowKey={(row) => String(row.id)}
        rowClass={(row) => row.kind}
        onOpen={(row) => {
          const to = placeOf(row);
          if (to) go(to);
        }}
        onAway={() => pause(true)}
        empty={
          neighbors?.size === 0 ? (
            <HowToPeer />
          ) : (
            <Empty title="Nothing has changed since this page was opened">
              <p>
                {here.q === ''
                  ? 'Changes appear here the moment they are on disk.'
                  : 'Only what fits the filter appears here.'}{' '}
                A speaker that has nothing to say is silent: that is a good sign.
              </p>
            </Empty>
          )
        }
      />
    </div>
  );
}

function toggled<T>(set: ReadonlySet<T>, value: T): ReadonlySet<T> {
  const next = new Set(set);
  if (!next.delete(value)) next.add(value);
  return next;
}

/** Route changes per second over the last few seconds. */
function useRate(): number {
  const now = useNow();
  const counts = useRef(new Map<number, number>());
  useMessages((messages) => {
    const second = Math.floor(Date.now() / 1000);
    const routes = messages.filter((message) => message.type === 'route').length;
    counts.current.set(second, (counts.current.get(second) ?? 0) + routes);
  });
  const present = Math.floor(now / 1000);
  let sum = 0;
  for (const [second, n] of counts.current) {
    if (second < present - rateWindow) counts.current.delete(second);
    else if (second < present) sum += n;
  }
  return sum / rateWindow;
}

function What({ row }: { row: LiveRow }) {
  switch (row.kind) {
    case 'route':
      return <span class={`action ${row.change.action}`}>{row.change.action}</span>;
    case 'verdict':
      return row.change.to ? <VerdictBadge verdict={row.change.to} /> : <span class="dim">no verdict</span>;
    case 'session':
      return <span class={`action ${row.neighbor.established ? 'announced' : 'withdrawn'}`}>session</span>;
    case 'gap':
      return <span class="action gap">gap</span>;
  }
}

function About({ row }: { row: LiveRow }) {
  switch (row.kind) {
    case 'route':
      return <PrefixLink prefix={row.change.route.prefix} />;
    case 'verdict':
      return <PrefixLink prefix={row.change.prefix} />;
    case 'session':
      return (
        <To place={place('neighbor', { subject: String(row.neighbor.id) })} class="mono strong">
          {row.neighbor.address}
        </To>
      );
    case 'gap':
      return null;
  }
}

/** Where there is more to see of it. */
function placeOf(row: LiveRow): Place | undefined {
  if (row.kind === 'route') return place('prefix', { subject: row.change.route.prefix });
  if (row.kind === 'verdict') return place('prefix', { subject: row.change.prefix });
  return row.kind === 'session' ? place('neighbor', { subject: String(row.neighbor.id) }) : undefined;
}

function nodeOf(row: LiveRow): string | null {
  if (row.kind === 'route') return row.change.route.neighbor.node ?? row.change.route.neighbor.address;
  if (row.kind === 'verdict') return row.change.node;
  return row.kind === 'session' ? row.neighbor.node : null;
}

function DetailText({ row }: { row: LiveRow }) {
  switch (row.kind) {
    case 'route': {
      const { action, route } = row.change;
      if (action === 'withdrawn') return null;
      const parts = [
        `via ${route.nextHop ?? '–'}`,
        route.localPref !== null && `pref ${route.localPref}`,
        route.asPath.length > 0 && `path ${formatAsPath(route.asPath)}`,
      ];
      return (
        <span class="mono">
          {[...parts, ...route.communities, ...route.largeCommunities].filter(Boolean).join('  ')}
        </span>
      );
    }
    case 'verdict':
      return (
        <span title={row.change.reasonText}>
          {row.change.from && <span class="dim">was {row.change.from}. </span>}
          {headline(row.change)}
        </span>
      );
    case 'session': {
      const { neighbor } = row;
      const text = neighbor.established
        ? 'established'
        : `${neighbor.state}${neighbor.lastDown ? `: ${neighbor.lastDown.text}` : ''}`;
      return <span title={text}>{text}</span>;
    }
    case 'gap':
      return <span title={row.text}>{row.text}</span>;
  }
}
