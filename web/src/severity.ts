/** The three words of a diagnosis, for people. */
import type { DiagnosisSeverity as Severity } from '../../src/api/schemas.ts';

/** Worst first. */
export const severityOrder: readonly Severity[] = ['critical', 'warning', 'info'];

/** One line each. */
export const severityMeaning: Readonly<Record<Severity, string>> = {
  critical: 'traffic is lost, or will be',
  warning: 'works, but not as somebody meant it',
  info: 'so by design, and good to know',
};
