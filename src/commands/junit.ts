/** Verdicts as a JUnit report: one test case per (prefix, node, BGPPeer), as CI systems show them. */
import type { Verdict } from '../checks/types.ts';

export function junitReport(verdicts: Verdict[]): string {
  const failures = verdicts.filter(isFailure).length;
  const skipped = verdicts.filter(isSkipped).length;
  const cases = verdicts.map(testCase).join('\n');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuite name="peerglass" tests="${verdicts.length}" failures="${failures}" skipped="${skipped}">\n${cases}\n</testsuite>\n`;
}

const isSkipped = ({ verdict }: Verdict): boolean =>
  verdict === 'pending' || verdict === 'unknown' || verdict === 'suppressed';
const isFailure = (verdict: Verdict): boolean => verdict.verdict !== 'ok' && !isSkipped(verdict);

function testCase(v: Verdict): string {
  const open = `  <testcase classname="${escapeXml(`${v.node ?? 'unknown'}.${v.bgpPeer ?? 'unknown'}`)}" name="${escapeXml(v.prefix)}"`;
  const reason = escapeXml(v.reasonText);
  if (isFailure(v)) return `${open}><failure type="${v.verdict}" message="${reason}">${reason}</failure></testcase>`;
  if (isSkipped(v)) return `${open}><skipped message="${reason}"/></testcase>`;
  return `${open}/>`;
}

/** Characters that XML 1.0 cannot carry are left out. */
function escapeXml(text: string): string {
  const kept = Array.from(text).filter((c) => c >= ' ' || c === '\t' || c === '\n' || c === '\r');
  return kept.join('').replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
