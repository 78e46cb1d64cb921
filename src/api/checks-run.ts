/** `POST /checks/run?wait=60s`: the verdicts once nothing is pending any more, as one word for pipelines. */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { z } from 'zod';
import { formatTime } from '../rib/time.ts';
import type { VerdictSummary } from '../verdicts/types.ts';
import { envelopeOf } from './answer.ts';
import { readVerdicts } from './checks.ts';
import type { Connections } from './connections.ts';
import type { ApiDeps } from './deps.ts';
import { limits } from './limits.ts';
import { tooMany } from './room.ts';
import { CheckRun, envelope } from './schemas.ts';
import type { Clients } from './stream/clients.ts';

/** `60s`, `500ms` or `2m` in milliseconds. */
const Wait = z
  .string()
  .regex(/^\d{1,6}(ms|s|m)$/, { error: 'expected a duration such as 60s' })
  .transform((text) => Number.parseInt(text, 10) * (text.endsWith('ms') ? 1 : text.endsWith('s') ? 1_000 : 60_000))
  .refine((ms) => ms <= limits.checkWait, { error: `expected at most ${limits.checkWait / 60_000}m` });

export const checksRun =
  (deps: ApiDeps, _clients: Clients, connections: Connections): FastifyPluginAsyncZod =>
  async (app) => {
    app.post(
      '/checks/run',
      {
        schema: {
          tags: ['checks'],
          summary: 'Waits until nothing is pending, then says ok, findings or cannot-tell',
          querystring: z.strictObject({ wait: Wait.prefault('0s').describe('Maximum duration') }),
          response: { 200: envelope(CheckRun) },
        },
        config: { access: 'read' },
      },
      async ({ query }, reply) => {
        const giveBack = connections.takeLasting();
        if (!giveBack) throw tooMany(`${connections.bounds.maxLasting} clients are live or wait already`);
        try {
          return envelopeOf(deps, await run(deps, query.wait, () => reply.raw.destroyed));
        } finally {
          giveBack();
        }
      },
    );
  };

async function run(deps: ApiDeps, wait: number, isGone: () => boolean): Promise<CheckRun> {
  const until = performance.now() + wait;
  while (!isSettled(deps.verdicts.summary()) && performance.now() < until && !isGone())
    await new Promise((resolve) => setTimeout(resolve, Math.min(limits.checkPoll, until - performance.now())));
  const summary = deps.verdicts.summary();
  const findings = await readVerdicts(deps, { verdict: [...findingWords] }, undefined, limits.defaultRows);
  return {
    outcome: outcomeOf(summary),
    summary: { ...summary, evaluatedAt: formatTime(summary.evaluatedAt) },
    findings: findings.rows,
    truncated: findings.next !== null,
  };
}

const findingWords = ['missing', 'unexpected', 'mismatch', 'stale'] as const;

const isSettled = ({ verdicts }: VerdictSummary): boolean => verdicts.pending + verdicts.unknown === 0;

/** Findings beat doubt, doubt beats ok. */
function outcomeOf(summary: VerdictSummary): CheckRun['outcome'] {
  if (findingWords.some((word) => summary.verdicts[word] > 0)) return 'findings';
  return isSettled(summary) && summary.emptyText === null ? 'ok' : 'cannot-tell';
}
