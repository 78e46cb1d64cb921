/** `GET /status`: how the collector is. */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { formatTime } from '../rib/time.ts';
import type { VerdictWord } from '../verdicts/types.ts';
import { envelopeOf } from './answer.ts';
import type { Connections } from './connections.ts';
import type { ApiDeps } from './deps.ts';
import { limits } from './limits.ts';
import { envelope, SessionState, Status } from './schemas.ts';
import type { Clients } from './stream/clients.ts';

export const status =
  (deps: ApiDeps, clients: Clients, connections: Connections): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/status',
      { schema: { tags: ['status'], summary: 'How the collector is', response: { 200: envelope(Status) } } },
      async () => envelopeOf(deps, readStatus(deps, clients, connections)),
    );
  };

/** Everything that `/status` says. */
export function readStatus(
  { status, rib, verdicts, diagnoses, l2, now }: ApiDeps,
  clients: Clients,
  { size, bounds, refused, evicted }: Connections,
): Status {
  const {
    clock,
    degraded,
    gaps,
    strangers,
    leftOut: _,
    sources,
    startedAt,
    database,
    findings,
    ...collector
  } = status();
  const { verdicts: words } = verdicts.summary();
  const sessions = Object.fromEntries(SessionState.options.map((state) => [state, 0])) as Status['sessions'];
  for (const { state } of rib.neighbors.values()) sessions[state]++;
  return {
    ...collector,
    startedAt: formatTime(startedAt),
    uptimeSeconds: Math.round((now() - startedAt) / 1000),
    advertises: false,
    clock: { ...clock, lastJump: clock.lastJump && { ...clock.lastJump, at: formatTime(clock.lastJump.at) } },
    strangers: {
      connections: strangers.connections,
      addresses: strangers.addresses.map(({ firstAt, lastAt, ...one }) => ({
        ...one,
        firstAt: formatTime(firstAt),
        lastAt: formatTime(lastAt),
      })),
    },
    degraded: degraded && { ...degraded, since: formatTime(degraded.since) },
    gaps: gaps.slice(-limits.statusRows).map((gap) => ({ ...gap, at: formatTime(gap.at) })),
    sources: sources.map((source) => ({
      ...source,
      problems: source.problems
        .slice(0, limits.statusRows)
        .map((problem) => ({ ...problem, text: shortened(problem.text) })),
      problemCount: source.problems.length,
      readAt: source.readAt === null ? null : formatTime(source.readAt),
      ageSeconds: source.readAt === null ? null : Math.round((now() - source.readAt) / 1000),
      kinds: source.kinds?.map((kind) => ({ ...kind, since: formatTime(kind.since) })) ?? null,
    })),
    rib: { routes: rib.routeCount, prefixes: rib.prefixCount, attributeSets: rib.attributeSetCount },
    verdicts: words,
    findings: { open: openFindings(words), ...findings },
    database: {
      ...database,
      history: database.history.map(({ oldestAt, trimmed, ...kind }) => ({
        ...kind,
        oldestAt: oldestAt === null ? null : formatTime(oldestAt),
        trimmed: trimmed && {
          at: formatTime(trimmed.at),
          through: formatTime(trimmed.through),
          bytes: trimmed.bytes,
        },
      })),
    },
    diagnoses: diagnoses.counts(),
    l2: l2 && { interfaces: [...l2.hearing] },
    sessions,
    streams: { clients: clients.size },
    http: { connections: size, maxConnections: bounds.max, refused, evicted },
  };
}

/** A text that may quote what it is about, at a bounded length. */
export const shortened = (text: string): string =>
  text.length > limits.statusText ? `${text.slice(0, limits.statusText)}…` : text;

/** Verdicts that are not ok. */
export const openFindings = (words: Record<VerdictWord, number>): number =>
  Object.values(words).reduce((sum, count) => sum + count, 0) - words.ok;
