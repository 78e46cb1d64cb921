/** The timeline chart: a lane per kind, time to the right. The list below has the same entries as text. */
import type { TimelineEntry } from '../../../src/api/schemas.ts';
import { formatAbsolute, plural } from '../format.ts';
import { describeLanes, lanesOf, type Mark, ticksOf } from '../lanes.ts';
import { kindNames } from '../timeline.ts';
import './lanes.css';

/** Pixels per lane; must match lanes.css. */
const laneHeight = 30;
const maxTicks = 6;

export function Lanes({
  entries,
  onPick,
}: {
  /** Newest first. */
  entries: readonly TimelineEntry[];
  /** Called with the index of the newest entry of the clicked mark. */
  onPick: (index: number) => void;
}) {
  const newest = Date.parse(entries[0]!.at);
  const oldest = Date.parse(entries.at(-1)!.at);
  const lanes = lanesOf(entries);
  const ticks = ticksOf(oldest, newest, maxTicks);
  const height = lanes.length * laneHeight;
  return (
    <div class="lanes">
      <div class="lane-names" aria-hidden="true">
        {lanes.map(({ kind }) => (
          <span key={kind}>{kindNames[kind]}</span>
        ))}
      </div>
      <div class="lane-box">
        {/* positions in percent, so that the chart fills the width */}
        <svg width="100%" height={height + 22} role="img" aria-label={describeLanes(lanes, oldest, newest)}>
          {ticks.map(({ x, label }) => (
            <g key={label} class="tick">
              <line x1={percent(x)} x2={percent(x)} y1="0" y2={height} />
              <text x={percent(x)} y={height + 16} text-anchor={x < 0.05 ? 'start' : x > 0.95 ? 'end' : 'middle'}>
                {label}
              </text>
            </g>
          ))}
          {lanes.map(({ kind, marks }, lane) => (
            <g key={kind}>
              <line class="rail" x1="0" x2="100%" y1={middle(lane)} y2={middle(lane)} />
              {marks.map((mark) => (
                <Dot key={mark.entries[0]} mark={mark} y={middle(lane)} entries={entries} onPick={onPick} />
              ))}
            </g>
          ))}
        </svg>
      </div>
    </div>
  );
}

function Dot({
  mark: { x, entries: indices, tone },
  y,
  entries,
  onPick,
}: {
  mark: Mark;
  y: number;
  entries: readonly TimelineEntry[];
  onPick: (index: number) => void;
}) {
  const first = entries[indices[0]!]!;
  const more = indices.length > 1 ? ` (and ${plural(indices.length - 1, 'more', 'more')})` : '';
  const radius = Math.min(11, 5 + Math.log2(indices.length) * 1.6);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: mouse only; keyboard users have the list below
    <g class="mark" data-tone={tone} onClick={() => onPick(indices[0]!)}>
      <title>{`${formatAbsolute(Date.parse(first.at)).slice(0, 19)} ${first.text}${more}`}</title>
      {tone === 'bad' ? (
        <rect
          x={percent(x)}
          y={y - radius + 1}
          width={2 * radius - 2}
          height={2 * radius - 2}
          transform={`translate(${1 - radius} 0)`}
          rx="1.5"
        />
      ) : (
        <circle cx={percent(x)} cy={y} r={radius} />
      )}
      {indices.length > 1 && (
        <text x={percent(x)} y={y + 3.5} text-anchor="middle">
          {indices.length > 99 ? '99+' : indices.length}
        </text>
      )}
    </g>
  );
}

const middle = (lane: number) => lane * laneHeight + laneHeight / 2;
/** Leaves room for half a mark at both ends. */
const percent = (x: number) => `${(1.5 + x * 97).toFixed(2)}%`;
