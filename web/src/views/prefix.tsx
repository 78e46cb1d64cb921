/** One prefix over all neighbors: who should announce it to whom, and who does. */
import type { Change, Page, PrefixCell, PrefixView, VerdictWord } from '../../../src/api/schemas.ts';
import { useApp, useModel, useRead } from '../app.ts';
import { formatAsPath, plural } from '../format.ts';
import { useCapped } from '../parts/capped.tsx';
import { cellSubject, Drawer, isCell, usePrefix } from '../parts/detail.tsx';
import { NeighborLink, PrefixLink, To } from '../parts/link.tsx';
import { Banner, Empty, Failure, Loading } from '../parts/notice.tsx';
import { Ago } from '../parts/time.tsx';
import { VerdictBadge } from '../parts/verdict.tsx';
import { formatSubject, parseSubject, place } from '../router.ts';
import { verdictOrder } from '../verdicts.ts';
import './prefix.css';

/** Nodes of the matrix and paths below it that are shown at once; the nodes with the worst verdicts come first. */
const shownNodes = 60;
const shownPaths = 60;
/** Changes shown below the matrix. */
const shownChanges = 50;

export function Prefix() {
  const { place: here, go } = useApp();
  const { answer, error, again, loading } = usePrefix(here.subject, 'prefix');
  const view = answer?.data;
  const open = parseSubject(here.open);
  return (
    <div class="with-drawer">
      <div class="prefix-view">
        <p class="crumb">
          <To place={place('routes', { q: `within:${here.subject}` })}>Received routes</To>
        </p>
        <h1 class="mono">{here.subject}</h1>
        {error && error.status !== 404 && <Failure error={error} again={again} />}
        {error?.status === 404 && (
          <Empty title="Neither expected nor received">
            <p>No speaker announces this prefix, and nothing in the cluster's objects asks for it.</p>
            <p>
              <To place={place('routes', { q: `covering:${here.subject}` })}>Received routes that cover it</To>
            </p>
          </Empty>
        )}
        {loading && !view && !error && <Loading />}
        {view && (
          <>
            <p class="sentence">{sentence(view)}</p>
            {view.covering.length > 0 && (
              <p class="dim">
                Covered by{' '}
                {view.covering.map((prefix) => (
                  <span key={prefix}>
                    <PrefixLink prefix={prefix} />{' '}
                  </span>
                ))}
              </p>
            )}
            {view.truncated && (
              <Banner tone="info" title="Not all of it:">
                there are more neighbors than are shown here.
              </Banner>
            )}
            <Matrix
              view={view}
              isOpen={(cell) => open !== undefined && isCell(cell, open)}
              onOpen={(cell) => go({ ...here, open: formatSubject(cellSubject(view.prefix, cell)) }, 'replace')}
            />
            <Paths view={view} />
            <History prefix={view.prefix} />
          </>
        )}
      </div>
      {open && <Drawer subject={open} onClose={() => go({ ...here, open: '' }, 'replace')} />}
    </div>
  );
}

function sentence({ cells, ecmp }: PrefixView): string {
  const expected = cells.filter((cell) => cell.expected).length;
  const there = cells.filter((cell) => cell.expected && cell.received.length > 0).length;
  const foreign = cells.filter((cell) => !cell.expected && cell.received.length > 0).length;
  const parts = [
    expected > 0
      ? `${there} of ${plural(expected, 'expected announcement')} received`
      : 'Nothing in the cluster asks for it',
  ];
  if (foreign > 0)
    parts.push(`${plural(foreign, 'announcement')} received that ${foreign === 1 ? 'is' : 'are'} not expected`);
  parts.push(
    ecmp.length === 0
      ? 'a router would have no path'
      : ecmp.length === 1
        ? 'a router would use one path'
        : `a router would balance over ${ecmp.length} paths`,
  );
  return `${parts.join('; ')}.`;
}

interface Line {
  node: string | null;
  cells: PrefixCell[];
}

/** Nodes down, BGPPeers across. Sessions that stand for no BGPPeer have a column of their own. */
function Matrix({
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
                {peer ?? <span title="Sessions that stand for no known BGPPeer">no BGPPeer</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((line) => (
            <tr key={line.node}>
              <th scope="row">{line.node ?? <span class="dim">not matched</span>}</th>
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
        <span class="ecmp" title="In the set of paths that a router would use">
          ECMP
        </span>
      )}
      <span class="mono dim peer">{cell.neighbor?.address ?? 'no session'}</span>
    </button>
  );
}

function Paths({ view }: { view: PrefixView }) {
  const paths = view.cells.flatMap((cell) => cell.received);
  const inSet = (neighbor: number, pathId: number) =>
    view.ecmp.some((path) => path.neighbor === neighbor && path.pathId === pathId);
  const [shown, more] = useCapped(paths, shownPaths, 'path');
  if (paths.length === 0) return null;
  return (
    <section>
      <h2>Paths received</h2>
      <table class="plain">
        <thead>
          <tr>
            {['Node', 'Neighbor', 'Next hop', 'Local pref', 'AS path', 'MED', 'Communities', 'Changed', 'Used'].map(
              (title) => (
                <th scope="col" key={title}>
                  {title}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {shown.map((path) => (
            <tr key={`${path.neighbor.id} ${path.pathId}`} class={path.stale ? 'stale' : ''}>
              <td>{path.neighbor.node ?? <span class="dim">not matched</span>}</td>
              <td>
                <NeighborLink id={path.neighbor.id}>{path.neighbor.address}</NeighborLink>
              </td>
              <td class="mono">{path.nextHop ?? '–'}</td>
              <td>{path.localPref ?? '–'}</td>
              <td class="mono">{formatAsPath(path.asPath) || <span class="dim">empty</span>}</td>
              <td>{path.med ?? '–'}</td>
              <td class="mono wrap">
                {[...path.communities, ...path.largeCommunities].join(' ') || <span class="dim">none</span>}
              </td>
              <td>
                <Ago at={path.lastChangedAt} />
              </td>
              <td>
                {inSet(path.neighbor.id, path.pathId) ? <span class="ecmp">ECMP</span> : <span class="dim">no</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {more}
    </section>
  );
}

function History({ prefix }: { prefix: string }) {
  const verdictRevision = useModel((model) => model.verdictRevision);
  const { answer, error, again } = useRead<Page<Change>>(
    '/changes',
    { prefix, limit: shownChanges, order: 'desc' },
    verdictRevision,
  );
  if (error) return <Failure error={error} again={again} />;
  if (!answer || answer.data.length === 0) return null;
  return (
    <section>
      <h2>What happened to it</h2>
      <ol class="history">
        {answer.data.map((change) => (
          <li key={`${change.seq} ${change.route.neighbor.id} ${change.route.pathId}`}>
            <span class="dim">
              <Ago at={change.at} />
            </span>
            <span class={`action ${change.action}`}>{change.action}</span>
            <span>{change.route.neighbor.node ?? change.route.neighbor.address}</span>
            <span class="mono dim">
              {change.action === 'withdrawn'
                ? ''
                : [...change.route.communities, ...change.route.largeCommunities].join(' ')}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

const urgency = (verdict: VerdictWord | undefined) => (verdict ? verdictOrder.indexOf(verdict) : verdictOrder.length);
const worst = (line: Line) => Math.min(...line.cells.map((cell) => urgency(cell.verdict?.verdict)));

const collator = new Intl.Collator('en', { numeric: true });
/** null last. */
function byName(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return collator.compare(a, b);
}
