/** An API server's no: the `Status` object of an answer or of an ERROR event. */

export class ApiFailure extends Error {
  /** HTTP status code. */
  readonly status: number;
  /** How long the server asks us to wait, ms; 0 = it does not say. */
  readonly retryAfter: number;

  constructor(status: number, message: string, retryAfter = 0) {
    super(message);
    this.name = 'ApiFailure';
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** Characters of other people's words that are shown: the server's, or those of an exec plugin. */
const maxMessage = 500;

/** From a `Status` object, or whatever came instead of one. `headers`: of the answer, where there is one. */
export function failureOf(
  status: number,
  body: unknown,
  headers: { 'retry-after'?: string | undefined } = {},
): ApiFailure {
  const { message, details } = (body ?? {}) as { message?: unknown; details?: { retryAfterSeconds?: unknown } | null };
  const words = typeof message === 'string' && message !== '' ? message : `HTTP status ${status}`;
  const seconds = Number(headers['retry-after'] ?? details?.retryAfterSeconds ?? 0);
  return new ApiFailure(status, words.slice(0, maxMessage), Number.isFinite(seconds) ? Math.max(0, seconds) * 1000 : 0);
}

/** What went wrong, in words for people; the codes of the system explained. */
export function wordsFor(error: unknown): string {
  const { message, code, cause, errors } = error as NodeJS.ErrnoException & { errors?: unknown[] };
  if (error instanceof AggregateError && errors?.length) return wordsFor(errors[0]);
  if (cause instanceof Error) return `${message}: ${wordsFor(cause)}`;
  if (code === 'ECONNREFUSED') return `nobody listens there (${message})`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `its name cannot be resolved (${message})`;
  if (code === 'ECONNRESET') return 'the connection was cut';
  return (message || code || 'unknown').trim().slice(0, maxMessage);
}
