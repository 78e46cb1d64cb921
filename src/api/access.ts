/** Who may do what: bearer tokens with scopes, and which web pages may use the browser of somebody who may. */

import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import cors from '@fastify/cors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { HttpOptions } from '../config.ts';
import { ApiError } from './errors.ts';

export type TokenScope = 'read' | 'operate' | 'admin';
/** What a route asks for; `open` = nothing. */
export type Access = TokenScope | 'open';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `read` where nothing is said. */
    access?: Access;
  }
}

const includes: Record<TokenScope, readonly TokenScope[]> = {
  read: ['read'],
  operate: ['read', 'operate'],
  admin: ['read', 'operate', 'admin'],
};

/**
 * A browser cannot set headers on a WebSocket, so the token may come as a subprotocol beside `peerglass.v1`:
 * `bearer.` and the token in base64url.
 */
export const streamProtocol = 'peerglass.v1';
const tokenProtocol = 'bearer.';

/** Checks every request before its body is read, but after it was counted: guessing tokens is rate-limited, too. */
export async function guard(app: FastifyInstance, http: HttpOptions): Promise<void> {
  await app.register(cors, {
    origin: http.cors,
    methods: ['GET', 'HEAD', 'POST', 'PUT'],
    allowedHeaders: ['authorization', 'content-type', 'if-match', 'if-none-match'],
    exposedHeaders: ['etag', 'link'],
    maxAge: 600,
    strictPreflight: false,
  });
  const tokens = http.tokens.map(({ token, scopes }) => ({
    digest: digestOf(token),
    scopes: new Set(scopes.flatMap((scope) => includes[scope])),
  }));
  const ownHostOnly = tokens.length === 0 && !http.public;

  app.addHook('preParsing', async (request) => {
    if (ownHostOnly) refuseForeignHost(request);
    const origin = request.headers.origin;
    const isForeign = origin !== undefined && !http.cors.includes(origin) && !isOwn(request, origin);
    if (isForeign && (request.ws || !isSafe(request.method)))
      throw new ApiError(403, 'foreign-origin', `Add ${shown(origin)} to http.cors to allow its pages`);

    const access = request.routeOptions.config.access ?? 'read';
    if (access === 'open' || tokens.length + Number(http.public) === 0) return;
    const given = tokenOf(request);
    if (given === undefined) {
      if (http.public && access === 'read') return;
      throw new ApiError(401, 'unauthorized', 'Send Authorization: Bearer with one of http.tokens');
    }
    const digest = digestOf(given);
    const known = tokens.find((token) => timingSafeEqual(token.digest, digest));
    if (!known) throw new ApiError(401, 'unauthorized', 'This token is not one of http.tokens');
    if (!known.scopes.has(access)) throw new ApiError(403, 'forbidden', `This request requires the scope ${access}`);
  });
}

const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();
const isSafe = (method: string): boolean => method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
const shown = (origin: string): string => JSON.stringify(origin.slice(0, 100));

/**
 * Without tokens the loopback address is the only lock. A foreign page can get round it by DNS rebinding: its own name,
 * pointing to 127.0.0.1. Such requests have that name in Host; ours have an address or localhost.
 */
function refuseForeignHost(request: FastifyRequest): void {
  const name = request.hostname.replace(/^\[|\]$/g, '');
  if (name !== 'localhost' && !name.endsWith('.localhost') && isIP(name) === 0)
    throw new ApiError(403, 'foreign-origin', 'Without tokens, use an IP address or localhost as the host');
}

/** A page that this server gave out: its origin is where the request goes to. */
function isOwn(request: FastifyRequest, origin: string): boolean {
  try {
    return new URL(origin).host === request.host;
  } catch {
    return false;
  }
}

function tokenOf(request: FastifyRequest): string | undefined {
  const header = /^Bearer +([^\s]+)$/i.exec(request.headers.authorization ?? '');
  if (header) return header[1];
  const protocols = request.headers['sec-websocket-protocol']?.split(',').map((item) => item.trim()) ?? [];
  const carried = protocols.find((item) => item.startsWith(tokenProtocol));
  return carried && Buffer.from(carried.slice(tokenProtocol.length), 'base64url').toString();
}
