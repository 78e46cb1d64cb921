/** `peerglass check`: the verdicts of a running collector as an exit code, for pipelines. */
import { writeFileSync } from 'node:fs';
import { parseDuration } from '../config/units.ts';
import type { Diagnosis } from '../diagnoses/types.ts';
import { type Verdict, type VerdictSummary, type VerdictWord, verdicts as words } from '../verdicts/types.ts';
import { escapeJson, visible } from '../visible.ts';
import { ask, Unreachable } from './ask.ts';
import { ExitCode } from './exit-code.ts';
import { fail, say, usage } from './fail.ts';
import { readFilter } from './filter.ts';
import { junitReport } from './junit.ts';

export interface CheckCommand {
  url: string;
  wait: string;
  token?: string;
  /** Filters; a row must match all of them. */
  service?: string;
  prefix?: string;
  node?: string;
  bgpPeer?: string;
  json?: boolean;
  junit?: string;
}

/** The options with the Service and the prefix in canonical form. */
type Asked = Omit<CheckCommand, 'service' | 'prefix'> & { service: string | undefined; prefix: string | undefined };

/** Pause between two requests while verdicts are pending, ms. */
const pollMs = 500;
const pageSize = 10_000;

export async function check(given: CheckCommand): Promise<void> {
  const asked = readFilter(given);
  if (asked === undefined) return;
  const options: Asked = { ...given, ...asked };
  const waitMs = parseDuration(options.wait);
  if (waitMs === undefined) return usage(`--wait ${options.wait}: expected a duration such as 30s`);
  if (!/^https?:$/.test(URL.parse(options.url)?.protocol ?? ''))
    return usage(`--url ${options.url}: expected a URL with http:// or https://, such as http://localhost:8080`);
  let found: Found;
  try {
    found = await settled(options, performance.now() + waitMs);
  } catch (error) {
    return fail(ExitCode.cannotTell, `${options.url}: ${(error as Error).message}`);
  }
  const { summary, verdicts } = found;
  const diagnoses = await criticalDiagnoses(options);
  process.stdout.write(
    options.json
      ? `${escapeJson(JSON.stringify({ summary, verdicts, diagnoses }, null, 2))}\n`
      : reportText(summary, verdicts, diagnoses),
  );
  process.exitCode = exitCode(summary);
  try {
    if (options.junit) writeFileSync(options.junit, junitReport(verdicts));
  } catch (error) {
    fail(ExitCode.cannotTell, `cannot write --junit ${options.junit}: ${(error as Error).message}`);
  }
}

/** The part of the summary that determines the exit code. */
type Summary = Pick<VerdictSummary, 'verdicts' | 'emptyText'>;

interface Found {
  /** With a filter, counted from the rows. */
  summary: Summary | VerdictSummary;
  verdicts: Verdict[];
}

/** The exit code of a summary: findings, then cannot tell, then ok. Suppressed rows do not count. */
export function exitCode({ verdicts, emptyText }: Summary): number {
  const { missing, unexpected, mismatch, stale, pending, unknown } = verdicts;
  if (missing + unexpected + mismatch + stale > 0) return ExitCode.findings;
  return emptyText !== null || pending + unknown > 0 ? ExitCode.cannotTell : ExitCode.ok;
}

const isSettled = ({ verdicts, emptyText }: Summary): boolean =>
  emptyText === null && verdicts.pending + verdicts.unknown === 0;

/**
 * The verdicts as soon as none is pending or unknown, or at the deadline (`performance.now`, ms). Until then, an
 * unreachable collector is asked again, since a pipeline may just have started it.
 */
async function settled(options: Asked, deadline: number): Promise<Found> {
  const isFiltered = filterOf(options).size > 0;
  for (;;) {
    const isLast = performance.now() >= deadline;
    try {
      if (isFiltered) {
        const verdicts = await allVerdicts(options);
        const summary = await countOf(options, verdicts);
        if (isSettled(summary) || isLast) return { summary, verdicts };
      } else {
        const { data: summary } = await ask<VerdictSummary>(options, '/checks/summary');
        if (isSettled(summary) || isLast) return { summary, verdicts: await allVerdicts(options) };
      }
    } catch (error) {
      if (isLast || !(error instanceof Unreachable)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(pollMs, Math.max(0, deadline - performance.now()))));
  }
}

/** Counts rows by verdict. No row means "cannot tell": the filter may be misspelled. */
async function countOf(options: Asked, rows: readonly Verdict[]): Promise<Summary> {
  const verdicts = Object.fromEntries(words.map((word) => [word, 0])) as Record<VerdictWord, number>;
  for (const { verdict } of rows) verdicts[verdict]++;
  if (rows.length > 0) return { verdicts, emptyText: null };
  const { data } = await ask<VerdictSummary>(options, '/checks/summary');
  const asked = Array.from(filterOf(options), ([key, value]) => `${key} ${value}`).join(', ');
  return { verdicts, emptyText: data.emptyText ?? `No route is expected or received for ${asked}.` };
}

async function allVerdicts(options: Asked): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const query = new URLSearchParams([['limit', String(pageSize)], ...filterOf(options)]);
  for (let cursor: string | null = ''; cursor !== null; ) {
    if (cursor !== '') query.set('cursor', cursor);
    const { data, page }: { data: Verdict[]; page?: { nextCursor: string | null } } = await ask(
      options,
      `/checks?${query}`,
    );
    verdicts.push(...data);
    cursor = page?.nextCursor ?? null;
  }
  return verdicts;
}

/** Diagnoses may explain a verdict; they do not change the exit code. */
async function criticalDiagnoses(options: Asked): Promise<Diagnosis[]> {
  const query = new URLSearchParams([['severity', 'critical'], ['limit', String(pageSize)], ...filterOf(options)]);
  query.delete('bgpPeer'); // no filter of /diagnoses
  try {
    return (await ask<Diagnosis[]>(options, `/diagnoses?${query}`)).data;
  } catch (error) {
    say(`diagnoses: ${(error as Error).message}`);
    return [];
  }
}

function filterOf({ service, prefix, node, bgpPeer }: Asked): URLSearchParams {
  const filter = new URLSearchParams();
  if (service !== undefined) filter.set('service', service);
  if (prefix !== undefined) filter.set('prefix', prefix);
  if (node !== undefined) filter.set('node', node);
  if (bgpPeer !== undefined) filter.set('bgpPeer', bgpPeer);
  return filter;
}

function reportText({ verdicts: counts, emptyText }: Summary, verdicts: Verdict[], diagnoses: Diagnosis[]): string {
  const lines = verdicts
    .filter(({ verdict }) => verdict !== 'ok')
    .map((v) => {
      const who = v.rule === null ? `${v.node ?? '?'} → ${v.bgpPeer ?? '?'}` : `rule ${v.rule}`;
      return `${v.verdict.padEnd(10)} ${v.prefix.padEnd(20)} ${who}: ${v.reasonText}`;
    });
  for (const { severity, title, text, hint } of diagnoses)
    lines.push(`${severity.padEnd(10)} ${title}: ${text} ${hint}`);
  const total = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([word, count]) => `${count} ${word}`);
  return `${[...lines.map(visible), emptyText ?? (total.join(', ') || 'no route is expected or received')].join('\n')}\n`;
}
