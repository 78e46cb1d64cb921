/** Expected and received attributes side by side. Differences are marked by text, not only by color. */
import type { ComparedRow, Part } from '../compare.ts';
import './compared.css';

/** A side without a route has no column. */
export function Compared({ rows }: { rows: readonly ComparedRow[] }) {
  const isExpected = rows.some((row) => row.expected);
  const isReceived = rows.some((row) => row.received);
  return (
    <table class="compared">
      <thead>
        <tr>
          <th scope="col">
            <span class="visually-hidden">Attribute</span>
          </th>
          {isExpected && <th scope="col">Expected</th>}
          {isReceived && <th scope="col">Received</th>}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.field} class={row.differs ? 'differs' : ''}>
            <th scope="row">
              {row.label}
              {row.differs && <span class="mark">differs</span>}
            </th>
            {isExpected && (
              <td>
                <Parts parts={row.expected} sign="−" says="not received" />
              </td>
            )}
            {isReceived && (
              <td>
                <Parts parts={row.received} sign="+" says="not expected" />
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Parts({ parts, sign, says }: { parts: Part[] | null; sign: string; says: string }) {
  return (
    <>
      {parts?.map(({ text, only }) => (
        <span key={text} class={`part mono${only ? ' only' : ''}`} title={only ? says : undefined}>
          {only && <span aria-hidden="true">{sign} </span>}
          {text}
          {only && <span class="visually-hidden"> ({says})</span>}
        </span>
      ))}
    </>
  );
}
