/** One prefix as a matrix of nodes and BGPPeers, with a verdict in each cell. */
import type { PrefixCell, PrefixView, VerdictWord } from '../../../src/api/schemas.ts';
import { formatSubject } from '../router.ts';
import { verdictOrder } from '../verdicts.ts';
import { Agreement } from './agreement.tsx';
import { useCapped } from './capped.tsx';
import { cellSubject } from './detail.tsx';
import { NodeLink } from './link.tsx';
import { VerdictBadge } from './verdict.tsx';
import './matrix.css';

/** Nodes shown at first, worst verdicts first. */
const shownNodes = 60;

interface Line {
  node: string | null;
  cells: PrefixCell[];
}

/** Rows are nodes, columns are BGPPeers. Sessions that match no BGPPeer have their own column. */
export function Matrix({
  view,
  isOpen,
  onOpen,
}: {
  view: PrefixView;
  isOpen: (cell: PrefixCell) => boolean;
  onOpen: (cell: PrefixCell) => void;
}) {
  const peers = [...new Set(view.cells.map((cell) => cell.bgpPeer))].sort(byName);
  const lines = new Map<string | null, Line>();
  for (const cell of view.cells) {
    const line = lines.get(cell.node) ?? { node: cell.node, cells: [] };
    line.cells.push(cell);
    lines.set(cell.node, line);
  }
  const ordered = [...lines.values()].sort((a, b) => worst(a) - worst(b) || byName(a.node, b.node));
  const [shown, more] = useCapped(ordered, shownNodes, 'node');
  return (
    <div class="matrix-box">
      <table class="matrix">
        <caption class="visually-hidden">Verdict per node and BGPPeer</caption>
        <thead>
          <tr>
            <th scope="col">Node</th>
            {peers.map((peer) => (
              <th scope="col" key={peer}>
                {peer ?? <span title="Sessions that match no known BGPPeer">no BGPPeer</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((line) => (
            <tr key={line.node}>
              <th scope="row">
                <Name line={line} />
              </th>
              {peers.map((peer) => (
                <td key={peer}>
                  {line.cells
                    .filter((cell) => cell.bgpPeer === peer)
                    .map((cell) => (
                      <Cell
                        key={formatSubject(cellSubject(view.prefix, cell))}
                        cell={cell}
                        open={isOpen(cell)}
                        onOpen={() => onOpen(cell)}
                      />
                    ))}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {more}
    </div>
  );
}

function Name({ line: { node, cells } }: { line: Line }) {
  if (node !== null) return <NodeLink node={node} />;
  return <span class="dim">{cells.every(({ verdict }) => verdict?.rule) ? 'rules' : 'not matched'}</span>;
}

function Cell({ cell, open, onOpen }: { cell: PrefixCell; open: boolean; onOpen: () => void }) {
  const verdict = cell.verdict?.verdict ?? null;
  return (
    <button
      type="button"
      data-item
      class={`cell${open ? ' open' : ''} ${verdict ? `v-${verdict}` : ''}`}
      aria-pressed={open}
      title={cell.verdict?.reasonText}
      onClick={onOpen}
    >
      <VerdictBadge verdict={verdict} {...(cell.verdict && { title: cell.verdict.reasonText })} />
      {cell.verdict && cell.verdict.fields.length > 0 && <span class="dim">{cell.verdict.fields.join(', ')}</span>}
      {cell.ecmp && (
        <span class="ecmp" title="One of the equal-cost paths that a router would use">
          ECMP
        </span>
      )}
      <span class="mono dim peer">
        {cell.verdict?.rule ? `rule ${cell.verdict.rule}` : (cell.neighbor?.address ?? 'no session')}
      </span>
      <Agreement cell={cell} />
    </button>
  );
}

const urgency = (verdict: VerdictWord | undefined) => (verdict ? verdictOrder.indexOf(verdict) : verdictOrder.length);
const worst = (line: Line) => Math.min(...line.cells.map((cell) => urgency(cell.verdict?.verdict)));

const collator = new Intl.Collator('en', { numeric: true });
/** Orders names naturally, null last. */
function byName(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return collator.compare(a, b);
}
