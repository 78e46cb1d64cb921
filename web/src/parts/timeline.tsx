/** The timeline of a prefix: object changes, expectations, sessions, routes and verdicts. */
import { useMemo, useRef, useState } from 'preact/hooks';
import type { TimelineEntry } from '../../../src/api/schemas.ts';
import { useApp, useCommand, useMessages } from '../app.ts';
import { formatAbsolute, plural } from '../format.ts';
import { objectName } from '../objects.ts';
import { usePages } from '../pages.ts';
import { useThrottled } from '../throttle.ts';
import {
  type EntryGroup,
  groupEntries,
  groupText,
  kindNames,
  spans,
  type TimelineKind,
  timelineKinds,
  toneOf,
} from '../timeline.ts';
import { useCapped } from './capped.tsx';
import { EvidenceList, ObjectLink, Source } from './evidence.tsx';
import { Lanes } from './lanes.tsx';
import { NeighborLink, NodeLink } from './link.tsx';
import { Failure, Loading } from './notice.tsx';
import { Ago } from './time.tsx';
import './timeline.css';

/** Entries per request: enough to show what preceded a change that many nodes made at once. */
const pageSize = 500;
/** Members of a group shown at first. */
const shownMembers = 50;
/** Minimum milliseconds between rereads. */
const rereadInterval = 2_000;

const keyOf = (entry: TimelineEntry): string =>
  JSON.stringify([entry.at, entry.kind, entry.node, entry.bgpPeer, entry.neighbor, entry.seq, entry.text]);

/** Increases when the feed reports a possible new entry. */
function useRevision(prefix: string): number {
  const [revision, setRevision] = useState(0);
  useMessages((messages) => {
    const isOwn = messages.some(
      (message) =>
        message.type === 'session' ||
        (message.type === 'verdict' && message.prefix === prefix) ||
        (message.type === 'route' && message.route.prefix === prefix),
    );
    if (isOwn) setRevision((n) => n + 1);
  });
  return useThrottled(revision, rereadInterval);
}

export function Timeline({ prefix }: { prefix: string }) {
  const { place: here, go, rest } = useApp();
  const list = useRef<HTMLOListElement>(null);
  const revision = useRevision(prefix);
  // the span starts when it is chosen: a moving start would change the request every second
  const [chosen, setChosen] = useState({ since: '', start: '' });
  const span = spans[here.since];
  if (chosen.since !== here.since)
    setChosen({ since: here.since, start: span ? new Date(Date.now() - span).toISOString() : '' });
  const path = `/timeline/${encodeURIComponent(prefix)}`;
  const query = { kind: here.kind, since: chosen.start, limit: pageSize };
  const pages = usePages<TimelineEntry>(path, query, keyOf, revision);
  useCommand('refresh', pages.again);

  const picked = here.kind === '' ? [] : here.kind.split(',');
  const toggle = (kind: TimelineKind) => {
    const next = picked.includes(kind) ? picked.filter((one) => one !== kind) : [...picked, kind];
    go({ ...here, kind: timelineKinds.filter((one) => next.includes(one)).join(',') }, 'replace');
  };
  const groups = useMemo(() => groupEntries(pages.rows ?? []), [pages.rows]);
  const focusEntry = (index: number) => {
    const group = groups.findIndex(({ indices }) => indices.includes(index));
    const entry = list.current?.children[group] as HTMLElement | undefined;
    entry?.scrollIntoView({ block: 'center' });
    entry?.focus();
  };
  return (
    <section class="timeline" aria-labelledby="timeline-title">
      <h2 id="timeline-title">
        Timeline{' '}
        <a href={rest.url(path, { ...query, limit: 1_000 })} target="_blank" rel="noreferrer">
          JSON
        </a>
      </h2>
      <div class="facets">
        <fieldset aria-label="Filter by kind">
          {timelineKinds.map((kind) => (
            <button type="button" key={kind} aria-pressed={picked.includes(kind)} onClick={() => toggle(kind)}>
              {kindNames[kind]}
            </button>
          ))}
        </fieldset>
        <fieldset aria-label="Time range">
          {[...Object.keys(spans), ''].map((name) => (
            <button
              type="button"
              key={name}
              aria-pressed={here.since === name}
              onClick={() => go({ ...here, since: name }, 'replace')}
            >
              {name === '' ? 'all' : `last ${name}`}
            </button>
          ))}
        </fieldset>
      </div>
      {pages.error && pages.error.status !== 404 && <Failure error={pages.error} again={pages.again} />}
      {!pages.rows && !pages.error && <Loading />}
      {(pages.rows?.length === 0 || pages.error?.status === 404) && (
        <p class="dim">
          {here.kind === '' && here.since === ''
            ? 'No stored changes of this prefix.'
            : 'No stored changes match these filters. Choose more kinds or a longer time range.'}
        </p>
      )}
      {pages.rows && pages.rows.length > 0 && (
        <>
          <Lanes entries={pages.rows} onPick={focusEntry} />
          <ol class="entries" ref={list}>
            {groups.map((group) =>
              group.indices.length === 1 ? (
                <Entry key={keyOf(group.entry)} entry={group.entry} />
              ) : (
                <Group key={keyOf(group.entry)} group={group} entries={pages.rows!} />
              ),
            )}
          </ol>
          {pages.more && (
            <p>
              <button type="button" class="link" onClick={pages.readMore}>
                Show earlier entries
              </button>
            </p>
          )}
        </>
      )}
    </section>
  );
}

/** One line for entries of many sessions at once; the entries open below it. */
function Group({ group, entries }: { group: EntryGroup; entries: readonly TimelineEntry[] }) {
  const { entry, indices } = group;
  const [open, setOpen] = useState(false);
  return (
    <li data-tone={toneOf(entry)} data-item tabIndex={-1}>
      <Moment at={entry.at} />
      <span class="kind">{entry.kind}</span>
      <div>
        <p>{groupText(group, entries)}</p>
        {entry.kind === 'verdict' && <Details entry={entry} />}
        <details onToggle={(event) => setOpen(event.currentTarget.open)}>
          <summary>Show entries</summary>
          {open && <Members entries={indices.map((index) => entries[index]!)} />}
        </details>
      </div>
      <span class="dim ago">
        <Ago at={entry.at} />
      </span>
    </li>
  );
}

function Members({ entries }: { entries: readonly TimelineEntry[] }) {
  const [shown, more] = useCapped(entries, shownMembers, 'entry', 'entries');
  return (
    <>
      <ul class="members">
        {shown.map((entry) => (
          <li key={keyOf(entry)}>
            <Moment at={entry.at} /> <span>{entry.text}</span>
          </li>
        ))}
      </ul>
      {more}
    </>
  );
}

/** Time to the millisecond, because cause and effect are close; other days show the date instead. */
function Moment({ at }: { at: string }) {
  const time = Date.parse(at);
  const text = formatAbsolute(time);
  return (
    <time class="mono" dateTime={at} title={text}>
      {dayOf(time) === dayOf(Date.now()) ? text.slice(11, 23) : text.slice(5, 19)}
    </time>
  );
}

function Entry({ entry }: { entry: TimelineEntry }) {
  const { node, bgpPeer, neighbor } = entry;
  return (
    <li data-tone={toneOf(entry)} data-item tabIndex={-1}>
      <Moment at={entry.at} />
      <span class="kind">{entry.kind}</span>
      <div>
        <p>{entry.text}</p>
        <Details entry={entry} />
        {(node !== null || neighbor !== null) && (
          <p class="dim who">
            {node !== null && <NodeLink node={node} />}
            {bgpPeer !== null && <span>{bgpPeer}</span>}
            {neighbor !== null && <NeighborLink id={neighbor}>neighbor {neighbor}</NeighborLink>}
            {entry.seq !== null && <span class="mono">seq {entry.seq}</span>}
          </p>
        )}
        {entry.evidence.length > 0 && (
          <details>
            <summary>Evidence</summary>
            <EvidenceList items={entry.evidence} />
          </details>
        )}
      </div>
      <span class="dim ago">
        <Ago at={entry.at} />
      </span>
    </li>
  );
}

function Details({ entry }: { entry: TimelineEntry }) {
  switch (entry.kind) {
    case 'object': {
      const { object, source } = entry.detail;
      return (
        <p class="dim">
          {object.kind} <ObjectLink object={object} /> <Source object={object} /> from {source}
        </p>
      );
    }
    case 'expectation': {
      const { because, moreBecause } = entry.detail;
      if (because.length === 0) return null;
      return (
        <p class="dim">
          Cause:{' '}
          {because.map((object, i) => (
            <span key={`${object.kind} ${objectName(object)} ${i}`}>
              {i > 0 && ', '}
              {object.kind} <ObjectLink object={object} />
            </span>
          ))}
          {moreBecause > 0 && ` and ${plural(moreBecause, 'more', 'more')}`}
        </p>
      );
    }
    case 'session':
      return <ExtraText text={entry.detail.reason} in={entry.text} />;
    case 'route':
      return entry.detail.fields.length === 0 ? null : (
        <p class="dim">
          <Fields names={entry.detail.fields} />
        </p>
      );
    case 'verdict':
      return (
        <p class="dim">
          <code>{entry.detail.reasonCode}</code>
        </p>
      );
  }
}

/** The text, unless the sentence above contains it. */
function ExtraText({ text, in: sentence }: { text: string | null; in: string }) {
  return text === null || sentence.includes(text) ? null : <p class="dim">{text}</p>;
}

function Fields({ names }: { names: readonly string[] }) {
  return (
    <>
      {names.map((name) => (
        <code key={name} class="field">
          {name}
        </code>
      ))}
    </>
  );
}

const dayOf = (at: number) => formatAbsolute(at).slice(0, 10);
