/** The severity of a diagnosis as sign and word, never by color alone. */
import type { DiagnosisSeverity as Severity } from '../../../src/api/schemas.ts';
import { severityMeaning } from '../severity.ts';
import './severity.css';

/** Drawn on 12 × 12: an octagon with a bar, a triangle, a circle with an i. */
const signs: Readonly<Record<Severity, string>> = {
  critical: 'M4 1.500h4L10.500 4v4L8 10.500H4L1.500 8V4ZM6 3.800v2.800M6 8.400v.1',
  warning: 'M6 1.800 10.700 10H1.300ZM6 4.900v2.200M6 8.600v.1',
  info: 'M6 1.600a4.400 4.400 0 1 0 0 8.800 4.400 4.400 0 0 0 0-8.800M6 5.600v2.600M6 3.800v.1',
};

export function SeveritySign({ severity }: { severity: Severity }) {
  return (
    <svg class="glyph" viewBox="0 0 12 12" aria-hidden="true">
      <path d={signs[severity]} />
    </svg>
  );
}

export function SeverityBadge({ severity }: { severity: Severity }) {
  return (
    <span class={`badge s-${severity}`} title={severityMeaning[severity]}>
      <SeveritySign severity={severity} />
      {severity}
    </span>
  );
}
