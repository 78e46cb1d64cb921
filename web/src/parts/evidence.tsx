/** Evidence: objects with file and line, BGP messages, sessions, times. */
import type { Evidence, ObjectRef } from '../../../src/api/schemas.ts';
import { objectName, objectPlace, objectSource } from '../objects.ts';
import { NeighborLink, To } from './link.tsx';
import { Ago } from './time.tsx';
import './evidence.css';

const kinds: Readonly<Record<Evidence['kind'], string>> = {
  object: 'Object',
  message: 'BGP message',
  session: 'Session',
  time: 'Time',
};

export function EvidenceList({ items }: { items: readonly Evidence[] }) {
  return (
    <ul class="evidence">
      {items.map((item, i) => (
        <li key={`${item.kind} ${item.ref} ${i}`}>
          <span class="kind">{kinds[item.kind]}</span>
          <span>
            <span class="mono">
              <Reference item={item} />
            </span>
            {item.text && <span class="dim"> {item.text}</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Reference({ item: { kind, ref } }: { item: Evidence }) {
  if (kind === 'time') return <Ago at={ref} />;
  if (kind === 'message') return <>seq {ref}</>;
  if (kind === 'session' && /^\d+$/.test(ref)) return <NeighborLink id={Number(ref)}>neighbor {ref}</NeighborLink>;
  return <>{ref}</>;
}

/** Objects with their source, linked if they have a view. */
export function ObjectList({ objects }: { objects: readonly ObjectRef[] }) {
  return (
    <ul class="evidence">
      {objects.map((object, i) => (
        <li key={`${object.kind} ${objectName(object)} ${i}`}>
          <span class="kind">{object.kind}</span>
          <span>
            <ObjectLink object={object} /> <Source object={object} />
          </span>
        </li>
      ))}
    </ul>
  );
}

export function ObjectLink({ object }: { object: ObjectRef }) {
  const to = objectPlace(object);
  const name = objectName(object);
  return to ? (
    <To place={to} class="mono">
      {name}
    </To>
  ) : (
    <span class="mono">{name}</span>
  );
}

export function Source({ object }: { object: ObjectRef }) {
  const source = objectSource(object);
  return source ? <code title={source}>{source.replace(/^.*\//, '')}</code> : null;
}
