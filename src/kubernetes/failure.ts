/** Failures of an API server: the `Status` object of a response or of an ERROR event. */

export class ApiFailure extends Error {
  /** HTTP status code. */
  readonly status: number;
  /** Delay that the server asks for, ms; 0: none. */
  readonly retryAfter: number;

  constructor(status: number, message: string, retryAfter = 0) {
    super(message);
    this.name = 'ApiFailure';
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** Maximum length of messages of the server or an exec plugin, characters. */
const maxMessage = 500;

/** Makes an ApiFailure of a `Status` object, or of any other body. `headers`: of the response, if there is one. */
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

/** Describes an error; explains system error codes. */
export function wordsFor(error: unknown): string {
  const { message, code, cause, errors } = error as NodeJS.ErrnoException & { errors?: unknown[] };
  if (error instanceof AggregateError && errors?.length) return wordsFor(errors[0]);
  if (cause instanceof Error) return `${message}: ${wordsFor(cause)}`;
  if (code === 'ECONNREFUSED') return `connection refused (${message})`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `cannot resolve the host name (${message})`;
  if (code === 'ECONNRESET') return 'connection reset';
  return (message || code || 'unknown').trim().slice(0, maxMessage);
}
