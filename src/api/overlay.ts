/** `/expectations/overlay`: the hand-written rules, those of the file and those that are put here. */
import { createHash } from 'node:crypto';
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { type LayeredRule, Outdated, type OverlayView } from '../overlay/overlay.ts';
import { readRules } from '../overlay/read.ts';
import type { OverlayRule as InnerRule } from '../overlay/rule.ts';
import { formatTime, formatWall } from '../rib/time.ts';
import { envelopeOf } from './answer.ts';
import type { ApiDeps } from './deps.ts';
import { ApiError } from './errors.ts';
import { limits } from './limits.ts';
import { envelope, Overlay, type OverlayRule, overlayExample, PutOverlay } from './schemas.ts';

export const overlay =
  (deps: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    const tags = ['expectations'];
    app.get(
      '/expectations/overlay',
      {
        schema: {
          tags,
          summary: 'Hand-written rules: of the file of the configuration, and put here',
          response: { 200: envelope(Overlay) },
        },
      },
      async (_request, reply) => {
        const view = deps.overlay.view(deps.now());
        reply.header('etag', tagOf(view)).header('cache-control', 'no-cache');
        return envelopeOf(deps, present(view));
      },
    );

    app.put(
      '/expectations/overlay',
      {
        bodyLimit: limits.overlayBytes,
        schema: {
          tags,
          summary: 'Replace the rules that were put here',
          description:
            'Rules of the file stay as they are, but a rule that is put takes the place of one of the file with the ' +
            'same id. With If-Match and the ETag of GET, rules that somebody else changed meanwhile are not overwritten.\n\n' +
            `\`\`\`json\n${JSON.stringify(overlayExample, null, 2)}\n\`\`\``,
          body: PutOverlay,
          response: { 200: envelope(Overlay) },
        },
        // the rules say themselves what is wrong with them, in the same words as for the file
        validatorCompiler: () => (value) => ({ value }),
        config: { access: 'admin' },
      },
      async (request, reply) => {
        const now = deps.now();
        const rules = rulesOf(request.body, now);
        try {
          await deps.overlay.put(rules, now, currentTest(request.headers['if-match']));
        } catch (error) {
          if (error instanceof Outdated) throw outdated();
          throw new ApiError(503, 'not-stored', `Nothing was changed: ${(error as Error).message}`);
        }
        const view = deps.overlay.view(now);
        reply.header('etag', tagOf(view));
        return envelopeOf(deps, present(view));
      },
    );
  };

/** The rules of a body; all of them are right, or a 400 says what is not. */
function rulesOf(body: unknown, now: number): InnerRule[] {
  const { rules: given } = (body ?? {}) as { rules?: unknown };
  const own = Array.isArray(given) ? given.flatMap(ownPart) : given;
  const { rules, problems } = readRules({ ...(body as object), rules: own }, 'request', now);
  if (problems.length === 0) return rules;
  const errors = problems.map(({ path = '', text }) => ({ path, text }));
  const detail = errors.map(({ path, text }) => (path ? `${path}: ${text}` : text)).join('; ');
  throw new ApiError(400, 'invalid-request', detail, { errors });
}

/** A rule without what GET adds to it; nothing of one that is the file's. */
function ownPart(rule: unknown): unknown[] {
  if (rule === null || typeof rule !== 'object') return [rule];
  const { expired, layer, replaced, expires, ...written } = rule as Record<string, unknown>;
  if (layer === 'file') return [];
  return [expires === null || expires === undefined ? written : { ...written, expires }];
}

/** Are the rules those of the ETag that the client knows? */
function currentTest(ifMatch: string | undefined): (view: OverlayView) => boolean {
  const known = ifMatch?.split(',').map((one) => one.trim());
  return (view) => known === undefined || known.includes('*') || known.includes(tagOf(view));
}

const outdated = (): ApiError =>
  new ApiError(412, 'outdated', 'The rules have changed since this ETag: read them again and repeat the change');

/** Of the rules alone: what time makes of them is no change of somebody. */
function tagOf({ rules, updatedAt }: OverlayView): string {
  const text = JSON.stringify([updatedAt, rules.map(({ rule, layer }) => [rule.written, layer])]);
  return `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
}

function present({ rules, file, updatedAt, problems }: OverlayView): Overlay {
  return {
    rules: rules.map(presentRule),
    file,
    updatedAt: updatedAt === null ? null : formatTime(updatedAt),
    problems: problems.slice(0, limits.notes),
  };
}

function presentRule({ rule, layer, replaced, expired }: LayeredRule): OverlayRule {
  const { prefix, match, expires, reason, owner } = rule;
  return {
    ...(rule.written as Omit<OverlayRule, 'expires' | 'match'>),
    prefix,
    match,
    reason,
    owner,
    expires: expires === null ? null : formatWall(expires),
    expired,
    layer,
    replaced,
  };
}
