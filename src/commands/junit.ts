/**
 * Verdicts as a JUnit report, as CI systems show them: one test case per (prefix, node, BGPPeer) or rule. What cannot
 * be told yet, and what a rule accepts, is skipped with its sentence.
 */
import type { Verdict } from '../checks/types.ts';
import { withoutHidden } from '../visible.ts';

export function junitReport(verdicts: Verdict[]): string {
  const failures = verdicts.filter(isFailure).length;
  const skipped = verdicts.filter(isSkipped).length;
  const cases = verdicts.map((verdict) => `${testCase(verdict)}\n`).join('');
  const counts = `tests="${verdicts.length}" failures="${failures}" errors="0" skipped="${skipped}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuite name="peerglass" ${counts}>\n${cases}</testsuite>\n`;
}

const isSkipped = ({ verdict }: Verdict): boolean =>
  verdict === 'pending' || verdict === 'unknown' || verdict === 'suppressed';
const isFailure = (verdict: Verdict): boolean => verdict.verdict !== 'ok' && !isSkipped(verdict);

function testCase(v: Verdict): string {
  const className = v.rule === null ? `${v.node ?? 'unknown'}.${v.bgpPeer ?? 'unknown'}` : `overlay.${v.rule}`;
  const open = `  <testcase classname="${escapeXml(className)}" name="${escapeXml(v.prefix)}"`;
  const reason = escapeXml(v.reasonText);
  if (isFailure(v)) return `${open}><failure type="${v.verdict}" message="${reason}">${reason}</failure></testcase>`;
  if (isSkipped(v)) return `${open}><skipped message="${reason}"/></testcase>`;
  return `${open}/>`;
}

/** Markup, and white space that attributes would lose, as references; invisible characters as U+FFFD; what XML 1.0 §2.2 cannot carry is left out. */
function escapeXml(text: string): string {
  return withoutHidden(text)
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '')
    .replace(/[&<>"'\t\n\r]/g, (c) => `&#${c.charCodeAt(0)};`);
}
