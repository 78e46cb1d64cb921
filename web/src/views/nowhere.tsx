/** A link that leads nowhere: mistyped, or of another version. */
import { useApp } from '../app.ts';
import { To } from '../parts/link.tsx';
import { Empty } from '../parts/notice.tsx';
import { place, type ViewName } from '../router.ts';

const ways: readonly (readonly [view: ViewName, title: string])[] = [
  ['overview', 'Overview'],
  ['diagnoses', 'Diagnoses'],
  ['checks', 'Checks'],
  ['explain', 'Why'],
  ['routes', 'Routes'],
  ['l2', 'Layer 2'],
  ['neighbors', 'Neighbors'],
  ['live', 'Live'],
];

export function Nowhere() {
  const { place: here } = useApp();
  return (
    <div class="overview">
      <h1>No such page</h1>
      <div class="card">
        <Empty title={here.subject === '' ? 'There is nothing here' : `There is no “${here.subject}” here`}>
          <p>The link may be mistyped, or from another version of Peerglass. These are there:</p>
          <ul>
            {ways.map(([view, title]) => (
              <li key={view}>
                <To item place={place(view)}>
                  {title}
                </To>
              </li>
            ))}
          </ul>
        </Empty>
      </div>
    </div>
  );
}
