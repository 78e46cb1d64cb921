/** Banners about everything that makes this page incomplete or out of date. */

import type { SourceStatus } from '../../../src/api/schemas.ts';
import { useModel, useNeighbors } from '../app.ts';
import { plural } from '../format.ts';
import type { Connection } from '../model.ts';
import { emptyTableHint, hasEmptyTable } from '../peering.ts';
import { unreadableKinds } from '../sources.ts';
import { objectsInEffect } from '../verdict-summary.ts';
import { Banner } from './notice.tsx';
import { Ago, useNow } from './time.tsx';

export function Health() {
  const status = useModel((model) => model.status);
  const connection = useModel((model) => model.connection);
  const neighbors = useNeighbors();
  const now = useNow();
  const up = neighbors && [...neighbors.values()].filter((neighbor) => neighbor.established);
  return (
    <div class="health">
      {connection.state === 'lost' && <Lost connection={connection} now={now} />}
      {status?.degraded && (
        <Banner tone="bad" title="The collector is degraded:">
          {status.degraded.text} Since <Ago at={status.degraded.since} />.
        </Banner>
      )}
      {neighbors && neighbors.size > 0 && up?.length === 0 && (
        <Banner tone="bad" title="No session is established:">
          Peerglass receives no routes. This page shows the routes received last.
        </Banner>
      )}
      {up?.[0] && up.every(hasEmptyTable) && (
        <Banner tone="info" title="No routes received:">
          {plural(
            up.length,
            'session is up, but its initial table is',
            'sessions are up, but their initial tables are',
          )}{' '}
          empty. {emptyTableHint(up[0])}
        </Banner>
      )}
      {status?.sources.map((source) => (
        <SourceBanner key={source.name} source={source} />
      ))}
      {status && status.gaps.length > 0 && (
        <Banner tone="warn" title={`${plural(status.gaps.length, 'gap')} in the journal:`}>
          seq {status.gaps.at(-1)!.from} to {status.gaps.at(-1)!.to} not stored ({status.gaps.at(-1)!.reason}),{' '}
          <Ago at={status.gaps.at(-1)!.at} />.
        </Banner>
      )}
    </div>
  );
}

function Lost({ connection, now }: { connection: Connection; now: number }) {
  const wait = connection.retryAt === null ? 0 : Math.max(0, Math.ceil((connection.retryAt - now) / 1000));
  return (
    <Banner tone="bad" title="Disconnected:">
      {connection.text}. This page is out of date. {wait === 0 ? 'Reconnecting.' : `Reconnecting in ${wait} s.`}
    </Banner>
  );
}

function SourceBanner({ source }: { source: SourceStatus }) {
  const unreadable = unreadableKinds(source.kinds ?? []);
  return (
    <>
      {unreadable && (
        <Banner tone="warn" title={`Incomplete data from ${source.name}:`}>
          {unreadable}.
        </Banner>
      )}
      <Problems source={source} />
    </>
  );
}

function Problems({ source }: { source: SourceStatus }) {
  if (!source.synced && source.problems.length === 0)
    return (
      <Banner tone="info" title={`${source.name}:`}>
        still loading, so no route counts as missing yet.
      </Banner>
    );
  if (source.problems.length === 0) return null;
  return (
    <Banner tone="warn" title={`${plural(source.problemCount, 'problem')} in ${source.name}:`}>
      {objectsInEffect(source)}
      {source.readAt && (
        <>
          {' '}
          (<Ago at={source.readAt} />)
        </>
      )}
      .
      <ul>
        {source.problems.slice(0, 5).map((problem) => (
          <li key={`${problem.file}:${problem.line}:${problem.text}`}>
            <code>
              {problem.file}
              {problem.line !== undefined && `:${problem.line}`}
            </code>{' '}
            {problem.path && <code>{problem.path}</code>} {problem.text}
          </li>
        ))}
        {source.problemCount > 5 && <li>and {plural(source.problemCount - 5, 'more', 'more')}</li>}
      </ul>
    </Banner>
  );
}
