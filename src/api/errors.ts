/** Errors as RFC 9457 problems with a stable `code`. Thrown anywhere in api/, answered here. */
import type { Socket } from 'node:net';
import { hasZodFastifySchemaValidationErrors } from '@fastify/type-provider-zod';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Problem } from './schemas.ts';

// `import` would read every export of node:http, and one of them loads undici: 13 MiB
const { maxHeaderSize, STATUS_CODES } = process.getBuiltinModule('node:http');

/** Media type of problems. */
export const problemType = 'application/problem+json';

/** Problem codes and their titles. */
const titles = {
  'invalid-request': 'Invalid request',
  'bad-cursor': 'Invalid cursor',
  'host-bits-set': 'The prefix has host bits set',
  unauthorized: 'A bearer token is required',
  forbidden: 'The token does not allow this',
  'foreign-origin': 'This origin is not allowed',
  'no-such-resource': 'Unknown resource',
  'no-such-neighbor': 'Unknown neighbor',
  'no-such-prefix': 'This prefix is neither received nor expected',
  'no-such-object': 'The cluster has no such object',
  'ambiguous-neighbor': 'Several neighbors match',
  'not-established': 'The neighbor is not established',
  'not-synced': 'No data yet',
  'rate-limited': 'Too many requests',
  'too-large': 'The request is too large',
  'not-supported-yet': 'Not supported in this version',
  busy: 'Too busy',
  'too-many-clients': 'Too many live clients',
  'invalid-message': 'Invalid message',
  'too-many-subscriptions': 'Too many subscriptions',
  'no-such-subscription': 'Unknown subscription',
  outdated: 'Changed since this ETag',
  'database-unavailable': 'The database cannot be read',
  'not-stored': 'Cannot write to the disk',
  'internal-error': 'Internal error in Peerglass',
} as const;
export type ProblemCode = keyof typeof titles;

export class ApiError extends Error {
  readonly status: number;
  readonly code: ProblemCode;
  /** Additional members of the problem. */
  readonly more: Partial<Problem>;

  constructor(status: number, code: ProblemCode, detail: string, more: Partial<Problem> = {}) {
    // an answer, not a defect: collecting a stack would cost more than the rest
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(detail);
    Error.stackTraceLimit = stackTraceLimit;
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.more = more;
  }
}

export function problem(status: number, code: ProblemCode, detail: string, more: Partial<Problem> = {}): Problem {
  return { type: 'about:blank', title: titles[code], status, code, detail, ...more };
}

/** Answers an error. */
export function sendError(error: FastifyError | ApiError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const answer = problemOf(error);
  if (answer.status >= 500 && answer.code === 'internal-error') request.log.error({ event: 'api.error', err: error });
  if (answer.status === 503) reply.header('retry-after', '1');
  if (answer.status === 401) reply.header('www-authenticate', 'Bearer');
  return reply.code(answer.status).type(problemType).send(JSON.stringify(answer));
}

/** Answers input that Node cannot parse as a request. */
export function sendClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const [status, code, detail] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ([431, 'too-large', `The headers are larger than ${maxHeaderSize} octets`] as const)
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ([408, 'invalid-request', 'The request was not complete in time'] as const)
        : ([400, 'invalid-request', 'Invalid HTTP/1.1 request'] as const);
  const body = JSON.stringify(problem(status, code, detail));
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}`;
  if (!socket.writable) return void socket.destroy(error);
  socket.end(
    `${head}\r\nContent-Type: ${problemType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

/** A file, a socket or a thread could not be opened. */
const noDescriptors = ['EMFILE', 'ENFILE', 'ERR_WORKER_INIT_FAILED'];

function problemOf(error: FastifyError | ApiError): Problem {
  if (error instanceof ApiError) return problem(error.status, error.code, error.message, error.more);
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = error.validation.map(({ instancePath, message }) => ({
      path: instancePath.split('/').filter(Boolean).join('.'),
      text: message ?? 'is not allowed',
    }));
    const detail = errors.map(({ path, text }) => (path ? `${path}: ${text}` : text)).join('; ');
    return problem(400, 'invalid-request', detail, { errors });
  }
  if (noDescriptors.includes(error.code)) return problem(503, 'busy', 'Too few file descriptors are left; try again');
  if (error.code === 'reader-busy') return problem(503, 'busy', error.message);
  if (error.code === 'database-unavailable') return problem(503, 'database-unavailable', error.message);
  if (error.statusCode === 429) return problem(429, 'rate-limited', error.message);
  if (error.statusCode === 413 || error.statusCode === 414)
    return problem(error.statusCode, 'too-large', error.message);
  if (error.statusCode !== undefined && error.statusCode < 500)
    return problem(error.statusCode, 'invalid-request', error.message);
  return problem(500, 'internal-error', 'The log has the details');
}
