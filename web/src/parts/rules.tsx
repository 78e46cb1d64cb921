/** The objects that make routes expected, with the fields that decide. */
import type { ExpectedRoute } from '../../../src/api/schemas.ts';
import { objectName } from '../objects.ts';
import { rulesOf } from '../rules.ts';
import { useCapped } from './capped.tsx';
import { ObjectLink, Source } from './evidence.tsx';
import './rules.css';

/** Objects and rules per object shown at first. */
const shownObjects = 8;
const shownRules = 8;

export function Rules({ routes }: { routes: readonly ExpectedRoute[] }) {
  const found = rulesOf(routes);
  const [shown, more] = useCapped(found, shownObjects, 'object');
  if (found.length === 0) return null;
  return (
    <details class="rules" open>
      <summary>Why these routes are expected</summary>
      <ol>
        {shown.map(({ object, rules }) => (
          <li key={`${object.kind} ${objectName(object)}`}>
            <span>
              <span class="dim">{object.kind}</span> <ObjectLink object={object} /> <Source object={object} />
            </span>
            <RuleList rules={rules} />
          </li>
        ))}
      </ol>
      {more}
    </details>
  );
}

function RuleList({ rules }: { rules: readonly string[] }) {
  const [shown, more] = useCapped(rules, shownRules, 'rule');
  return (
    <div>
      <ul>
        {shown.map((rule) => (
          <li key={rule}>{rule}</li>
        ))}
      </ul>
      {more}
    </div>
  );
}
