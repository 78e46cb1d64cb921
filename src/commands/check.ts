/** `peerglass check`: the verdicts of a running collector as an exit code, for pipelines. */
import { writeFileSync } from 'node:fs';
import type { Verdict, VerdictSummary } from '../checks/types.ts';
import { parseDuration } from '../config/units.ts';
import type { Diagnosis } from '../diagnoses/types.ts';
import { ExitCode } from './exit-code.ts';
import { junitReport } from './junit.ts';

export interface CheckCommand {
  url: string;
  wait: string;
  token?: string;
  json?: boolean;
  junit?: string;
}

/** Least time between two questions while verdicts are pending. */
const pollMs = 500;
const pageSize = 10_000;

export async function check(options: CheckCommand): Promise<void> {
  const waitMs = parseDuration(options.wait);
  if (waitMs === undefined) return fail(ExitCode.usage, `--wait ${options.wait}: expected a duration such as 30s`);
  if (!/^https?:$/.test(URL.parse(options.url)?.protocol ?? ''))
    return fail(
      ExitCode.usage,
      `--url ${options.url}: expected a URL with http:// or https://, such as http://localhost:8080`,
    );
  let found: Awaited<ReturnType<typeof settled>>;
  try {
    found = await settled(options, Date.now() + waitMs);
  } catch (error) {
    return fail(ExitCode.cannotTell, `${options.url}: ${reasonOf(error)}`);
  }
  const { summary, verdicts } = found;
  const diagnoses = await criticalDiagnoses(options);
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ summary, verdicts, diagnoses }, null, 2)}\n`
      : reportText(summary, verdicts, diagnoses),
  );
  process.exitCode = exitCode(summary);
  try {
    if (options.junit) writeFileSync(options.junit, junitReport(verdicts));
  } catch (error) {
    fail(ExitCode.cannotTell, `--junit ${options.junit}: cannot be written: ${reasonOf(error)}`);
  }
}

function fail(code: number, text: string): void {
  process.stderr.write(`${text}\n`);
  process.exitCode = code;
}

/** What the summary comes to: findings beat doubt, doubt beats ok. */
export function exitCode({ verdicts, emptyText }: VerdictSummary): number {
  const { missing, unexpected, mismatch, stale, pending, unknown } = verdicts;
  if (missing + unexpected + mismatch + stale > 0) return ExitCode.findings;
  return emptyText !== null || pending + unknown > 0 ? ExitCode.cannotTell : ExitCode.ok;
}

/** The verdicts once nothing is pending or unknown any more, or at the deadline (epoch ms). */
async function settled(
  options: CheckCommand,
  deadline: number,
): Promise<{ summary: VerdictSummary; verdicts: Verdict[] }> {
  for (;;) {
    const { data: summary } = await get<VerdictSummary>(options, '/checks/summary');
    const isSettled = summary.verdicts.pending + summary.verdicts.unknown === 0;
    if (isSettled || Date.now() >= deadline) return { summary, verdicts: await allVerdicts(options) };
    await new Promise((resolve) => setTimeout(resolve, Math.min(pollMs, Math.max(0, deadline - Date.now()))));
  }
}

async function allVerdicts(options: CheckCommand): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  let cursor: string | null = null;
  do {
    const query: string = `/checks?limit=${pageSize}${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
    const answer: Answer<Verdict[]> = await get<Verdict[]>(options, query);
    verdicts.push(...answer.data);
    cursor = answer.page?.nextCursor ?? null;
  } while (cursor !== null);
  return verdicts;
}

/** What may explain a verdict, or be wrong without any; it has no say in the exit code, and neither has its absence. */
async function criticalDiagnoses(options: CheckCommand): Promise<Diagnosis[]> {
  try {
    return (await get<Diagnosis[]>(options, `/diagnoses?severity=critical&limit=${pageSize}`)).data;
  } catch (error) {
    process.stderr.write(`diagnoses: ${reasonOf(error)}\n`);
    return [];
  }
}

interface Answer<T> {
  data: T;
  page?: { nextCursor: string | null };
}

async function get<T>({ url, token = process.env['PEERGLASS_TOKEN'] }: CheckCommand, path: string): Promise<Answer<T>> {
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const response = await fetch(new URL(`/api/v1${path}`, url), { headers, signal: AbortSignal.timeout(30_000) });
  const body = (await response.json()) as Answer<T> & { title?: string; detail?: string };
  if (!response.ok) throw new Error(`${response.status} ${body.title ?? ''} ${body.detail ?? ''}`.trim());
  return body;
}

function reportText(
  { verdicts: counts, emptyText }: VerdictSummary,
  verdicts: Verdict[],
  diagnoses: Diagnosis[],
): string {
  const findings = verdicts.filter(({ verdict }) => verdict !== 'ok');
  const lines = findings.map(
    (v) => `${v.verdict.padEnd(10)} ${v.prefix.padEnd(20)} ${v.node ?? '?'} → ${v.bgpPeer ?? '?'}: ${v.reasonText}`,
  );
  for (const { severity, title, text, hint } of diagnoses)
    lines.push(`${severity.padEnd(10)} ${title}: ${text} ${hint}`);
  const total = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([word, count]) => `${count} ${word}`);
  return `${[...lines, emptyText ?? (total.join(', ') || 'nothing is expected and nothing is received')].join('\n')}\n`;
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error & { cause?: Error };
  return cause ? `${message}: ${cause.message || (cause as { code?: string }).code}` : message;
}
