/** What subscriptions ask for, compiled once and shared by all that ask for the same. */

import type { AttributesJson, StoredChange } from '../../rib/types.ts';
import type { VerdictChange } from '../../verdicts/types.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';
import { limits } from '../limits.ts';
import { type CompiledFilter, compileFilter } from '../route-filter.ts';
import type { RouteFilter, SubscribeMessage } from '../schemas.ts';

/** A distinct subscription. */
export class Channel {
  readonly id: number;
  readonly key: string;
  readonly wants: { routes: boolean; verdicts: boolean; raw: boolean; coalesce: boolean };
  readonly filter: CompiledFilter;
  /** Subscriptions that use it. */
  users = 0;

  constructor(id: number, key: string, wants: Channel['wants'], filter: CompiledFilter) {
    this.id = id;
    this.key = key;
    this.wants = wants;
    this.filter = filter;
  }

  /** Is the route of the change one that is asked for, before the change or after it? */
  matches({ neighbor, nlri, attributes, previous, names }: StoredChange): boolean {
    const { filter } = this;
    if (!this.wants.routes) return false;
    if (filter.matchesAll) return true;
    if (!filter.neighbor(neighbor) || !filter.nlri(nlri, names?.prefix)) return false;
    const fits = (set: number, known?: AttributesJson | null) =>
      set !== 0 && filter.attributes(set, neighbor, known) && filter.live({ neighbor, nlri, attributes: set });
    return fits(attributes, names?.attributes) || fits(previous, names?.previous);
  }

  matchesVerdict(change: VerdictChange): boolean {
    return this.wants.verdicts && this.filter.verdict(change);
  }
}

export class Channels {
  readonly #deps: ApiDeps;
  readonly #channels = new Map<string, Channel>();
  #nextId = 1;

  constructor(deps: ApiDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#channels.size;
  }

  /** The channel for a subscription; `release` it. Throws ApiError for an invalid filter. */
  acquire(message: SubscribeMessage): Channel {
    const { filter = {}, routes = true, verdicts = false, includeRaw = false, coalesce = 'none' } = message;
    if (filter.since !== undefined)
      throw new ApiError(400, 'invalid-message', 'filter.since: use resumeFrom to go back in time');
    const compiled = compileFilter(filter, this.#deps, limits.streamFilterCache);
    const wants = { routes, verdicts, raw: includeRaw, coalesce: coalesce === 'prefix' };
    const key = JSON.stringify([wants, canonical(filter), [...(compiled.neighbors ?? [])].sort()]);
    let channel = this.#channels.get(key);
    if (channel === undefined) {
      channel = new Channel(this.#nextId++, key, wants, compiled);
      this.#channels.set(key, channel);
    }
    channel.users++;
    return channel;
  }

  release(channel: Channel): void {
    if (--channel.users === 0) this.#channels.delete(channel.key);
  }
}

/** Equal for filters that ask for the same in another order. */
function canonical(filter: RouteFilter): unknown {
  return Object.entries(filter)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, Array.isArray(value) ? [...new Set(value)].sort() : value])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}
