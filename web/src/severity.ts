/** Severities of diagnoses: order and meaning. */
import type { DiagnosisSeverity as Severity } from '../../src/api/schemas.ts';

/** Worst first. */
export const severityOrder: readonly Severity[] = ['critical', 'warning', 'info'];

/** Tooltips. */
export const severityMeaning: Readonly<Record<Severity, string>> = {
  critical: 'Traffic is lost or at risk',
  warning: 'Works, but probably not as intended',
  info: 'Expected behavior that may surprise',
};
