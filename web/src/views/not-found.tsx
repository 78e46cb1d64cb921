/** Unknown link: mistyped, or from another version. */
import { useApp } from '../app.ts';
import { To } from '../parts/link.tsx';
import { Empty } from '../parts/notice.tsx';
import { place, type ViewName } from '../router.ts';

const links: readonly (readonly [view: ViewName, title: string])[] = [
  ['overview', 'Overview'],
  ['diagnoses', 'Diagnoses'],
  ['checks', 'Checks'],
  ['explain', 'Why'],
  ['routes', 'Routes'],
  ['l2', 'Layer 2'],
  ['neighbors', 'Neighbors'],
  ['live', 'Live'],
];

export function NotFound() {
  const { place: here } = useApp();
  return (
    <div class="overview">
      <h1>Page not found</h1>
      <div class="card">
        <Empty title={here.subject === '' ? 'This page does not exist' : `There is no page “${here.subject}”`}>
          <p>The link may be mistyped or from another version of Peerglass. Go to:</p>
          <ul>
            {links.map(([view, title]) => (
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
