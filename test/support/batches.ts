/** Batches as a speaker would hand them over, for tests of what is behind the seam. */
import {
  type Batch,
  BatchWriter,
  type DownReason,
  type Negotiated,
  RecordKind,
  type RetainRoutes,
  type SessionEvent,
} from '../../src/events.ts';
import { announce, type BuildOptions, type Nlri, type RouteAttributes, update, withdraw } from './builders.ts';

const plain: Negotiated = {
  holdTime: 90,
  families: [4, 6],
  as4: true,
  addPath: [],
  extendedNextHop: true,
  extendedMessage: true,
  routeRefresh: true,
  enhancedRouteRefresh: true,
};

const closed: DownReason = {
  direction: 'local',
  code: 'connection-closed',
  text: 'the neighbor closed the connection',
};

/** Writes records one after the other; `take` gives what was written as a batch. Each record is 1 ms after the last. */
export class Wire {
  at: number;
  #writer = new BatchWriter();

  constructor(at = 1_000) {
    this.at = at;
  }

  establish(
    session: number,
    remoteAddress: string,
    options: { asn?: number; negotiated?: Partial<Negotiated>; localAddress?: string } = {},
  ): this {
    const { asn = 64512, negotiated, localAddress = '192.0.2.1' } = options;
    const open = { asn, holdTime: 90, routerId: '10.0.0.1', capabilities: [] };
    return this.event(session, {
      kind: 'established',
      endpoints: { remoteAddress, remotePort: 40_000, localAddress, localPort: 179 },
      localAsn: 64500,
      sent: open,
      received: open,
      negotiated: { ...plain, ...negotiated },
      auth: 'none',
    });
  }

  down(
    session: number,
    remoteAddress: string,
    { retainRoutes = false, localAddress = '192.0.2.1' }: { retainRoutes?: RetainRoutes; localAddress?: string } = {},
  ): this {
    const endpoints = { remoteAddress, remotePort: 40_000, localAddress, localPort: 179 };
    return this.event(session, { kind: 'down', endpoints, from: 'established', reason: closed, retainRoutes });
  }

  announce(
    session: number,
    routes: Nlri[],
    attributes: Partial<RouteAttributes> = {},
    options: BuildOptions = {},
  ): this {
    const family = routes.some((route) => (typeof route === 'string' ? route : route.prefix).includes(':')) ? 6 : 4;
    const nextHop = family === 6 ? '2001:db8::1' : '192.0.2.11';
    for (const bytes of announce(routes, { origin: 'igp', asPath: [64512], nextHop, ...attributes }, options))
      this.message(session, bytes);
    return this;
  }

  withdraw(session: number, routes: Nlri[], options: BuildOptions = {}): this {
    for (const bytes of withdraw(routes, options)) this.message(session, bytes);
    return this;
  }

  /** RFC 4724 §2, IPv4 unicast. */
  endOfRib(session: number): this {
    return this.message(session, update({}));
  }

  message(session: number, bytes: Uint8Array): this {
    this.#writer.append(RecordKind.message, session, this.at++, bytes);
    return this;
  }

  event(session: number, event: SessionEvent): this {
    this.#writer.appendEvent(session, this.at++, event);
    return this;
  }

  take(): Batch {
    return this.#writer.take();
  }
}
