/** Expected, reported and received: a word with a sign for each, and a sentence with details. */
import type { PrefixCell } from '../../../src/api/schemas.ts';
import { type ExplainedCell, type Side, sidesOf, type Word } from '../agreement.ts';
import './agreement.css';

/** Drawn on 12 × 12 like the glyphs of verdicts. */
const signs: Readonly<Record<Word, string>> = {
  yes: 'M2.5 6.4 5 8.9l4.6-5.4',
  no: 'm3 3 6 6m0-6-6 6',
  stale: 'M3 2h6M3 10h6M3.600 2c0 2.200 4.800 5.600 4.800 8M8.400 2c0 2.200-4.800 5.600-4.800 8',
  unknown: 'M4.1 4.4c0-2.7 3.9-2.6 3.9-.2C8 5.700 6 5.600 6 7.300M6 9.600v.1',
};

function Sign({ word }: { word: Word }) {
  return (
    <svg class="glyph" viewBox="0 0 12 12" aria-hidden="true">
      <path d={signs[word]} />
    </svg>
  );
}

/** One line for a cell of the matrix. Signs differ by shape; screen readers get words. */
export function Agreement({ cell }: { cell: PrefixCell }) {
  return (
    <span class="agreement">
      {sidesOf(cell).map(({ name, word, text }) => (
        <span key={name} class={`side ${word}`} title={text}>
          <span class="dim">{name}</span> <Sign word={word} />
          <span class="visually-hidden">{word}</span>
        </span>
      ))}
    </span>
  );
}

const headings: Readonly<Record<Side['name'], string>> = {
  expected: 'Expected',
  reported: 'Reported',
  received: 'Received',
};

/** Three columns with sentences; contradictions between them follow below. */
export function AgreementTable({ cell }: { cell: ExplainedCell }) {
  const sides = sidesOf(cell);
  const says = cell.says;
  return (
    <>
      <table class="sides">
        <thead>
          <tr>
            {sides.map(({ name }) => (
              <th scope="col" key={name}>
                {headings[name]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            {sides.map(({ name, word, text }) => (
              <td key={name} class={word}>
                <strong>
                  <Sign word={word} /> {word}
                </strong>
                <span>{text}</span>
              </td>
            ))}
          </tr>
        </tbody>
      </table>
      {says && (says.configuration !== null || says.session !== null) && (
        <p class="dim">
          {says.configuration !== null && (
            <>
              Speaker configuration: {says.configuration}
              {says.configurationText && ` (${says.configurationText})`}
              {says.session !== null && '; '}
            </>
          )}
          {says.session !== null && <>reported session state: {says.session}</>}.
        </p>
      )}
      {says?.reasonText && <p class="warn">{says.reasonText}</p>}
    </>
  );
}
