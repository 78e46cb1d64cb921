/** One question to a running collector. */

/** ms */
const timeout = 30_000;

export interface CollectorAddress {
  url: string;
  /** Bearer token; default $PEERGLASS_TOKEN. */
  token?: string;
}

/** No answer: the collector is not running, or not ready. */
export class Unreachable extends Error {}

/**
 * The JSON of a resource below /api/v1.
 * @throws Unreachable without an answer; Error with the collector's problem if it rejects the request.
 */
export async function ask<T>(
  { url, token = process.env['PEERGLASS_TOKEN'] ?? '' }: CollectorAddress,
  path: string,
): Promise<{ data: T; page?: { nextCursor: string | null } }> {
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  let response: Response;
  try {
    response = await fetch(new URL(`/api/v1${path}`, url), { headers, signal: AbortSignal.timeout(timeout) });
  } catch (error) {
    throw new Unreachable(`no answer: ${reasonOf(error)}`);
  }
  const body = (await response.json().catch(() => undefined)) as
    | { data: T; title?: string; detail?: string }
    | null
    | undefined;
  if (body === undefined) throw new Error(`status ${response.status} without JSON; check that --url is a Peerglass`);
  if (body === null || (response.ok && !isObject(body.data)))
    throw new Error(`status ${response.status} with JSON but no data; check that --url is a Peerglass`);
  if (response.ok) return body;
  const hint = response.status === 401 || response.status === 403 ? '; set --token or $PEERGLASS_TOKEN' : '';
  throw new Error(`${response.status} ${body.title ?? ''}: ${body.detail ?? ''}${hint}`);
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error & { cause?: Error };
  return cause ? `${message}: ${cause.message || (cause as { code?: string }).code}` : message;
}
