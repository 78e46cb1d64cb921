/**
 * Verdicts as a JUnit report: one test case per (prefix, node, BGPPeer) or rule. Pending, unknown and suppressed
 * verdicts are skipped cases.
 */
import type { Verdict } from '../verdicts/types.ts';
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

/** Escapes markup and white space, replaces invisible characters by U+FFFD, drops characters outside XML 1.0 §2.2. */
function escapeXml(text: string): string {
  return withoutHidden(text)
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '')
    .replace(/[&<>"'\t\n\r]/g, (c) => `&#${c.charCodeAt(0)};`);
}
