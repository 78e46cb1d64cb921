/** Banners: what stands between this page and the truth. */

import type { SourceStatus } from '../../../src/api/schemas.ts';
import { useModel } from '../app.ts';
import { plural } from '../format.ts';
import type { Connection } from '../model.ts';
import { isSilent, silenceHint } from '../peering.ts';
import { blindness } from '../sources.ts';
import { inForce } from '../standing.ts';
import { Banner } from './notice.tsx';
import { Ago, useNow } from './time.tsx';

/** Whatever makes the rest of the page less than the truth. */
export function Health() {
  const status = useModel((model) => model.status);
  const connection = useModel((model) => model.connection);
  const neighbors = useModel((model) => model.neighbors);
  const now = useNow();
  const up = neighbors && [...neighbors.values()].filter((neighbor) => neighbor.established);
  return (
    <div class="health">
      {connection.state === 'lost' && <Lost connection={connection} now={now} />}
      {status?.degraded && (
        <Banner tone="bad" title="The collector is degraded.">
          {status.degraded.text} Since <Ago at={status.degraded.since} />.
        </Banner>
      )}
      {neighbors && neighbors.size > 0 && up?.length === 0 && (
        <Banner tone="bad" title="Blind:">
          no session is established, so nothing new can be seen. What is shown is what was last received.
        </Banner>
      )}
      {up?.[0] && up.every(isSilent) && (
        <Banner tone="info" title="No route came:">
          {plural(up.length, 'session is up and its first table', 'sessions are up and their first tables')}{' '}
          {up.length === 1 ? 'is' : 'are'} empty. {silenceHint(up[0])}
        </Banner>
      )}
      {status?.sources.map((source) => (
        <SourceBanner key={source.name} source={source} />
      ))}
      {status && status.gaps.length > 0 && (
        <Banner tone="warn" title={`${plural(status.gaps.length, 'gap')} in the journal:`}>
          seq {status.gaps.at(-1)!.from} to {status.gaps.at(-1)!.to} could not be stored ({status.gaps.at(-1)!.reason}),{' '}
          <Ago at={status.gaps.at(-1)!.at} />.
        </Banner>
      )}
    </div>
  );
}

function Lost({ connection, now }: { connection: Connection; now: number }) {
  const wait = connection.retryAt === null ? 0 : Math.max(0, Math.ceil((connection.retryAt - now) / 1000));
  return (
    <Banner tone="bad" title="Not connected.">
      {connection.text}. What is shown is from before; next try {wait === 0 ? 'now' : `in ${wait} s`}.
    </Banner>
  );
}

function SourceBanner({ source }: { source: SourceStatus }) {
  const blind = blindness(source.kinds ?? []);
  return (
    <>
      {blind && (
        <Banner tone="warn" title={`Blind spots in ${source.name}:`}>
          {blind}.
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
        not read completely yet, so nothing is called missing.
      </Banner>
    );
  if (source.problems.length === 0) return null;
  return (
    <Banner tone="warn" title={`${plural(source.problemCount, 'problem')} in ${source.name};`}>
      {inForce(source)}
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
