/** The graph from Services to prefixes: boxes with links, and lines behind them. */
import type { Verdict } from '../../../src/api/schemas.ts';
import { type Box, columns, graphOf, type Line } from '../graph.ts';
import { objectPlace } from '../objects.ts';
import { type Place, place } from '../router.ts';
import { To } from './link.tsx';
import { VerdictGlyph } from './verdict.tsx';
import './graph.css';

/** Pixels of a box and of the gap between boxes; must match graph.css. */
const boxHeight = 58;
const gap = 12;
/** Verdicts shown in a box, worst first; the tooltip has all. */
const shownVerdicts = 3;
/** Width of a column and of its box, in percent. */
const columnShare = 100 / columns.length;
const boxShare = columnShare * 0.86;

export function RouteGraph({ verdicts }: { verdicts: readonly Verdict[] }) {
  const graph = graphOf(verdicts);
  if (graph.boxes.length === 0) return null;
  const height = graph.rows * (boxHeight + gap) - gap;
  const top = (box: Box) => topOf(box, graph.boxes, height);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolls sideways on a narrow screen, also with the keyboard
    <section class="graph" aria-label="From Service to prefix" tabIndex={0}>
      <div class="graph-inner">
        <div class="graph-heads" aria-hidden="true">
          {columns.map((column) => (
            <span key={column}>{column}</span>
          ))}
        </div>
        <div class="graph-body" style={{ height: `${height}px` }}>
          <svg viewBox={`0 0 100 ${height}`} preserveAspectRatio="none" aria-hidden="true">
            {graph.lines.map((line) => (
              <path
                key={`${line.from.column} ${line.from.label} ${line.to.label}`}
                class={`v-${line.verdict}${line.verdict === 'ok' ? '' : ' wrong'}`}
                d={pathOf(line, top)}
              />
            ))}
          </svg>
          {columns.map((column, i) => (
            <ul key={column} aria-label={column}>
              {graph.boxes
                .filter((box) => box.column === i)
                .map((box) => (
                  <li
                    key={box.label}
                    class={`graph-box v-${box.verdict}`}
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
  const hasVerdicts = box.column >= columns.indexOf('Node');
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
      {hasVerdicts && (
        <span class="verdicts">
          {box.counts.slice(0, shownVerdicts).map(([word, count]) => (
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

/** Text that may wrap before a slash. */
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

/** Centers columns with fewer boxes. */
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
