/** Errors as clients see them: RFC 9457 problems with a stable `code`. Made anywhere in api/, answered in one place. */
import { maxHeaderSize, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { hasZodFastifySchemaValidationErrors } from '@fastify/type-provider-zod';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Problem } from './schemas.ts';

/** Codes of our problems and what stands in their title. */
const titles = {
  'invalid-request': 'The request does not have the form that the documentation gives',
  'bad-cursor': 'This cursor was not made by this resource',
  'host-bits-set': 'The prefix has host bits set',
  unauthorized: 'A bearer token is needed',
  forbidden: 'The token does not allow this',
  'foreign-origin': 'Pages of this origin may not do this',
  'no-such-resource': 'There is no such resource',
  'no-such-neighbor': 'There is no such neighbor',
  'no-such-prefix': 'Nobody announces, and nobody should announce, this prefix',
  'no-such-object': 'There is no such object in the cluster',
  'ambiguous-neighbor': 'Several neighbors are meant by this',
  'not-established': 'The neighbor is not established',
  'not-synced': 'The answer is not known yet',
  'rate-limited': 'Too many requests',
  'too-large': 'The request is too large',
  'not-supported-yet': 'Not supported in this version',
  busy: 'Too much is being asked at once',
  'too-many-clients': 'Too many live clients',
  'invalid-message': 'The message does not have the form that the documentation gives',
  'too-many-subscriptions': 'Too many subscriptions',
  'no-such-subscription': 'There is no such subscription',
  outdated: 'It was changed by somebody else meanwhile',
  'database-unavailable': 'The database cannot be read',
  'not-stored': 'The disk does not take it',
  'internal-error': 'Something went wrong in Peerglass',
} as const;
export type ProblemCode = keyof typeof titles;

export class ApiError extends Error {
  readonly status: number;
  readonly code: ProblemCode;
  /** Members of the problem besides the standard ones. */
  readonly more: Partial<Problem>;

  constructor(status: number, code: ProblemCode, detail: string, more: Partial<Problem> = {}) {
    // an answer to a client, not a fault: a stack costs more than all the rest of it
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

/** The one place where an error becomes an answer. */
export function sendError(error: FastifyError | ApiError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const answer = problemOf(error);
  if (answer.status >= 500 && answer.code === 'internal-error') request.log.error({ event: 'api.error', err: error });
  if (answer.status === 503) reply.header('retry-after', '1');
  if (answer.status === 401) reply.header('www-authenticate', 'Bearer');
  return reply.code(answer.status).type('application/problem+json').send(JSON.stringify(answer));
}

/** What Node's parser could not take for a request: there is no request to answer, only a socket. */
export function sendClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const [status, code, detail] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ([431, 'too-large', `The headers are larger than ${maxHeaderSize} octets`] as const)
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ([408, 'invalid-request', 'The request did not come to its end in time'] as const)
        : ([400, 'invalid-request', 'This is no HTTP/1.1 request'] as const);
  const body = JSON.stringify(problem(status, code, detail));
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}`;
  if (!socket.writable) return void socket.destroy(error);
  socket.end(
    `${head}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
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
