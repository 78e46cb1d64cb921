/** One prefix over all neighbors: the sessions that should announce it and those that do. */
import type { PrefixView } from '../../../src/api/schemas.ts';
import { useApp } from '../app.ts';
import { formatAsPath, plural } from '../format.ts';
import { useCapped } from '../parts/capped.tsx';
import { cellSubject, Drawer, isCell, usePrefix } from '../parts/detail.tsx';
import { DiagnosesOf, useDiagnoses } from '../parts/diagnosis.tsx';
import { NeighborLink, PrefixLink, To } from '../parts/link.tsx';
import { Matrix } from '../parts/matrix.tsx';
import { Banner, Empty, Failure, Loading } from '../parts/notice.tsx';
import { Ago } from '../parts/time.tsx';
import { Timeline } from '../parts/timeline.tsx';
import { formatSubject, parseSubject, place } from '../router.ts';
import './prefix.css';

/** Paths shown at first, so that the timeline below stays in reach. */
const shownPaths = 12;

export function Prefix() {
  const { place: here, go } = useApp();
  const { answer, error, again, loading } = usePrefix(here.subject, 'prefix');
  const about = { prefix: here.subject };
  const diagnoses = useDiagnoses(about);
  // shows both at once, so that the later answer does not move the earlier one
  const view = diagnoses.loading ? undefined : answer?.data;
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
            <p>No speaker announces this prefix, and no object of the cluster requires it.</p>
            <p>
              <To
                place={place('explain', {
                  open: formatSubject({ ...about, neighbor: null, node: null, bgpPeer: null }),
                })}
              >
                Why is it not announced?
              </To>{' '}
              <To place={place('routes', { q: `covering:${here.subject}` })}>Show covering routes</To>
            </p>
          </Empty>
        )}
        {(loading || diagnoses.loading) && !error && <Loading />}
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
              <Banner tone="info" title="Incomplete:">
                the prefix has more neighbors than this table shows.
              </Banner>
            )}
            <DiagnosesOf about={about} diagnoses={diagnoses.answer?.data} />
            <Matrix
              view={view}
              isOpen={(cell) => open !== undefined && isCell(cell, open)}
              onOpen={(cell) => go({ ...here, open: formatSubject(cellSubject(view.prefix, cell)) }, 'replace')}
            />
            <Paths view={view} />
          </>
        )}
        {(view || error?.status === 404) && <Timeline prefix={view?.prefix ?? here.subject} />}
      </div>
      {open && <Drawer subject={open} onClose={() => go({ ...here, open: '' }, 'replace')} />}
    </div>
  );
}

function sentence({ cells, ecmp }: PrefixView): string {
  const expected = cells.filter((cell) => cell.expected).length;
  const received = cells.filter((cell) => cell.expected && cell.received.length > 0).length;
  const unexpected = cells.filter((cell) => !cell.expected && cell.received.length > 0).length;
  const parts = [
    expected > 0
      ? `${received} of ${plural(expected, 'expected announcement')} received`
      : 'No object of the cluster requires it',
  ];
  if (unexpected > 0) parts.push(`${plural(unexpected, 'unexpected announcement')} received`);
  parts.push(
    ecmp.length === 0
      ? 'a router would have no path'
      : ecmp.length === 1
        ? 'a router would use one path'
        : `a router would use ${ecmp.length} equal-cost paths`,
  );
  return `${parts.join('; ')}.`;
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
