/** The sources of objects: age, completeness, and kinds that Peerglass cannot read. */
import type { SourceStatus } from '../../../src/api/schemas.ts';
import { formatCount, plural } from '../format.ts';
import { kindStates, notSyncedKinds, type SourceKind } from '../sources.ts';
import { Ago } from './time.tsx';
import './sources.css';

export function Sources({ sources }: { sources: readonly SourceStatus[] }) {
  return (
    <section class="card sources" aria-labelledby="sources-title">
      <h2 id="sources-title">Sources</h2>
      {sources.length === 0 && (
        <p class="dim">
          None. Set <code>expect.manifests</code> or <code>expect.kubernetes</code> to compare received routes with
          expected ones.
        </p>
      )}
      <ul>
        {sources.map((source) => (
          <li key={source.name}>
            <p>
              <span class="mono strong">{source.name}</span> <span class="dim">{source.kind}</span>
            </p>
            <p class={source.problems.length > 0 || !source.synced ? 'warn' : 'dim'}>
              {plural(source.objects, 'object')}
              {source.synced ? ', read ' : ', still loading'}
              {source.synced && <Ago at={source.readAt} />}
              {source.problems.length > 0 && `, ${plural(source.problemCount, 'problem')}`}
            </p>
            {source.kinds && <Kinds kinds={source.kinds} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Kinds that are not in sync are always visible; the others are collapsed. */
function Kinds({ kinds }: { kinds: readonly SourceKind[] }) {
  const notSynced = notSyncedKinds(kinds);
  return (
    <>
      {notSynced.length > 0 && (
        <ul>
          {notSynced.map((kind) => (
            <KindItem key={`${kind.apiVersion} ${kind.kind}`} kind={kind} />
          ))}
        </ul>
      )}
      {kinds.length > notSynced.length && (
        <details>
          <summary>{plural(kinds.length - notSynced.length, 'kind')} in sync</summary>
          <ul>
            {kinds
              .filter((kind) => !notSynced.includes(kind))
              .map((kind) => (
                <KindItem key={`${kind.apiVersion} ${kind.kind}`} kind={kind} />
              ))}
          </ul>
        </details>
      )}
    </>
  );
}

function KindItem({ kind: { kind, apiVersion, state, objects, since, text } }: { kind: SourceKind }) {
  return (
    <li
      class={state === 'failing' || state === 'forbidden' ? 'warn' : ''}
      title={`${apiVersion}: ${kindStates[state]}`}
    >
      <span class="mono">{kind}</span>{' '}
      {state === 'synced' ? (
        <span class="dim">{formatCount(objects)}</span>
      ) : (
        <>
          {state} <Ago at={since} />
          {text && <span class="dim">: {text}</span>}
        </>
      )}
    </li>
  );
}
