/** From Services to prefixes as a picture that can be followed: boxes are links, lines are drawn behind them. */
import type { Verdict } from '../../../src/api/schemas.ts';
import { objectPlace } from '../objects.ts';
import { type Place, place } from '../router.ts';
import { type Box, columns, type Line, wayOf } from '../way.ts';
import { To } from './link.tsx';
import { VerdictGlyph } from './verdict.tsx';
import './way.css';

/** Pixels of a box and of what is between two; the same as in way.css. */
const boxHeight = 58;
const gap = 12;
/** Verdicts that there is room for, the worst first; the title has all. */
const shownFates = 3;
/** Per cent of the width that a column and its box take. */
const columnShare = 100 / columns.length;
const boxShare = columnShare * 0.86;

export function WayPicture({ verdicts }: { verdicts: readonly Verdict[] }) {
  const way = wayOf(verdicts);
  if (way.boxes.length === 0) return null;
  const height = way.rows * (boxHeight + gap) - gap;
  const top = (box: Box) => topOf(box, way.boxes, height);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: on a narrow screen it moves sideways, by the keyboard too
    <section class="way" aria-label="From Service to prefix" tabIndex={0}>
      <div class="way-inner">
        <div class="way-heads" aria-hidden="true">
          {columns.map((column) => (
            <span key={column}>{column}</span>
          ))}
        </div>
        <div class="way-picture" style={{ height: `${height}px` }}>
          <svg viewBox={`0 0 100 ${height}`} preserveAspectRatio="none" aria-hidden="true">
            {way.lines.map((line) => (
              <path
                key={`${line.from.column} ${line.from.label} ${line.to.label}`}
                class={`v-${line.verdict}${line.verdict === 'ok' ? '' : ' wrong'}`}
                d={pathOf(line, top)}
              />
            ))}
          </svg>
          {columns.map((column, i) => (
            <ul key={column} aria-label={column}>
              {way.boxes
                .filter((box) => box.column === i)
                .map((box) => (
                  <li
                    key={box.label}
                    class={`way-box v-${box.verdict}`}
                    style={{ left: `${i * columnShare}%`, width: `${boxShare}%`, top: `${top(box)}px` }}
                    title={title(box)}
                  >
                    <BoxContent box={box} />
                  </li>
                ))}
            </ul>
          ))}
        </div>
      </div>
    </section>
  );
}

function BoxContent({ box }: { box: Box }) {
  const to = box.names.length === 1 ? placeOf(columns[box.column]!, box.names[0]!) : undefined;
  const isJudged = box.column >= columns.indexOf('Node');
  return (
    <>
      <span class="name">
        {to ? (
          <To place={to}>
            <Breakable text={box.label} />
          </To>
        ) : (
          <Breakable text={box.label} />
        )}
      </span>
      {isJudged && (
        <span class="fate">
          {box.counts.slice(0, shownFates).map(([word, count]) => (
            <span key={word} class={`v-${word}`}>
              <VerdictGlyph verdict={word} />
              {count} <span class="visually-hidden">{word}</span>
            </span>
          ))}
        </span>
      )}
    </>
  );
}

/** May break before a slash. */
function Breakable({ text }: { text: string }) {
  const [head, ...tail] = text.split('/');
  return (
    <>
      {head}
      {tail.length > 0 && (
        <>
          <wbr />/{tail.join('/')}
        </>
      )}
    </>
  );
}

function placeOf(column: (typeof columns)[number], name: string): Place | undefined {
  return column === 'Prefix' ? place('prefix', { subject: name }) : objectPlace({ kind: column, name });
}

function title({ names, counts }: Box): string {
  const shown = names.slice(0, 20).join(', ');
  const more = names.length > 20 ? ` and ${names.length - 20} more` : '';
  return `${shown}${more}: ${counts.map(([word, count]) => `${count} ${word}`).join(', ')}`;
}

/** A column with fewer boxes stands in the middle. */
function topOf(box: Box, boxes: readonly Box[], height: number): number {
  const count = boxes.filter((other) => other.column === box.column).length;
  const own = count * (boxHeight + gap) - gap;
  return (height - own) / 2 + box.row * (boxHeight + gap);
}

function pathOf({ from, to }: Line, top: (box: Box) => number): string {
  const [x1, x2] = [from.column * columnShare + boxShare, to.column * columnShare];
  const [y1, y2] = [top(from) + boxHeight / 2, top(to) + boxHeight / 2];
  const middle = (x1 + x2) / 2;
  return `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
}
