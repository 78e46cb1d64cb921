/** Live feed: changes of routes, verdicts and sessions, newest first. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useApp, useCommand, useFeed, useMessages, useModel } from '../app.ts';
import { parseFilter } from '../filter.ts';
import { formatAsPath, formatCount, plural } from '../format.ts';
import { countNeighbors, type LiveRow, maxLiveRows } from '../model.ts';
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

/** Averaging window of the rate, in seconds. */
const rateWindow = 5;

const columns: readonly Column<LiveRow>[] = [
  { title: 'Time', class: 'time', cell: (row) => <Clock at={row.at} /> },
  { title: 'Change', class: 'change', cell: (row) => <Change row={row} /> },
  { title: 'Prefix or neighbor', class: 'subject', cell: (row) => <ChangedItem row={row} /> },
  { title: 'Node', class: 'node', cell: (row) => nodeOf(row) ?? '' },
  { title: 'Detail', class: 'detail', cell: (row) => <DetailText row={row} /> },
  { title: 'Seq', class: 'seq number mono', cell: (row) => (row.kind === 'route' ? row.change.seq : '') },
];

export function Live() {
  const { place: here, go, store } = useApp();
  const filter = useMemo(() => parseFilter(here.q, routeVocabulary), [here.q]);
  const isUnused = useModel((model) => model.status !== undefined && countNeighbors(model.status) === 0);
  const { rows, frozen, nextId } = useModel((model) => model.live);
  const [hidden, setHidden] = useState<ReadonlySet<Kind>>(new Set());
  useFeed({ id: 'live', filter: filter.query });
  const rate = useRate();

  const pause = (paused: boolean) => store.dispatch([{ type: 'pause', paused }]);
  useCommand('pause', () => pause(frozen === undefined));
  useEffect(() => () => store.dispatch([{ type: 'pause', paused: false }]), [store]);
  // drops rows of the previous filter, which would look like matches of this one
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
          <strong class="rate-now">{rate < 10 ? rate.toFixed(1) : formatCount(Math.round(rate))}</strong> route
          changes/s, {plural(Math.min(shown.length, maxLiveRows), 'row')}
        </p>
        <fieldset class="kinds" aria-label="Kinds of changes">
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
          {frozen ? `Resume${waiting > 0 ? ` (${formatCount(waiting)} new)` : ''}` : 'Pause'} <kbd>p</kbd>
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
          isUnused ? (
            <HowToPeer />
          ) : (
            <Empty title="No changes since you opened this view">
              <p>
                {here.q === ''
                  ? 'Changes appear here as soon as they are stored.'
                  : 'Only changes that match the filter appear here.'}{' '}
                A stable cluster sends none.
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

/** Route changes per second, averaged over `rateWindow`. */
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

function Change({ row }: { row: LiveRow }) {
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

function ChangedItem({ row }: { row: LiveRow }) {
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

/** The view with details of the row. */
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
        route.localPref !== null && `local-pref ${route.localPref}`,
        route.asPath.length > 0 && `AS path ${formatAsPath(route.asPath)}`,
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
