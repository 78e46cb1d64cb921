/** A verdict as glyph and word, never by color alone. */
import type { VerdictWord } from '../../../src/api/schemas.ts';
import { verdictMeaning } from '../verdicts.ts';
import './verdict.css';

/** Drawn on 12 × 12, stroked; the shapes differ without color. */
const glyphs: Readonly<Record<VerdictWord, string>> = {
  ok: 'M2.5 6.4 5 8.9l4.6-5.4',
  pending: 'M6 1.9a4.1 4.1 0 1 0 0 8.2 4.1 4.1 0 0 0 0-8.2M6 3.8V6l1.5 1',
  missing: 'm3 3 6 6m0-6-6 6',
  unexpected: 'M6 2.2v7.6M2.2 6h7.6',
  mismatch: 'M2.4 4.3h7.2M2.4 7.7h7.2M7.8 2 4.2 10',
  stale: 'M3 2h6M3 10h6M3.6 2c0 2.2 4.8 5.6 4.8 8M8.4 2c0 2.2-4.8 5.6-4.8 8',
  suppressed: 'M2.2 6h7.6',
  unknown: 'M4.1 4.4c0-2.7 3.9-2.6 3.9-.2C8 5.700 6 5.600 6 7.300M6 9.600v.1',
};

export function VerdictGlyph({ verdict }: { verdict: VerdictWord }) {
  return (
    <svg class="glyph" viewBox="0 0 12 12" aria-hidden="true">
      <path d={glyphs[verdict]} />
    </svg>
  );
}

export function VerdictBadge({ verdict, title }: { verdict: VerdictWord | null; title?: string }) {
  if (verdict === null)
    return (
      <span class="badge none" title="No verdict: Peerglass has no expected routes to compare with">
        –
      </span>
    );
  return (
    <span class={`badge v-${verdict}`} title={title ?? verdictMeaning[verdict]}>
      <VerdictGlyph verdict={verdict} />
      {verdict}
    </span>
  );
}
