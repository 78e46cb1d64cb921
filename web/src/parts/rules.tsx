/** The picture in words: each link of the way with the rule that makes it and the object that has the rule. */
import type { ObjectRef, Verdict } from '../../../src/api/schemas.ts';
import { linksOf } from '../rules.ts';
import { useCapped } from './capped.tsx';
import { ObjectLink, Source } from './evidence.tsx';
import './rules.css';

const shownLinks = 12;

export function Rules({ verdicts }: { verdicts: readonly Verdict[] }) {
  const links = linksOf(verdicts);
  const [shown, more] = useCapped(links, shownLinks, 'link');
  return (
    <details class="rules" open>
      <summary>Link by link</summary>
      <ol>
        {shown.map(({ step, object, rule }) => (
          <li key={`${step} ${rule}`}>
            <span class="dim">{step}</span>
            <span>
              {rule} {object && <In object={object} />}
            </span>
          </li>
        ))}
      </ol>
      {more}
    </details>
  );
}

function In({ object }: { object: ObjectRef }) {
  return (
    <span class="dim">
      {object.kind} <ObjectLink object={object} /> <Source object={object} />
    </span>
  );
}
