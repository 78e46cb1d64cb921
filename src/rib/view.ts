/** Read-only answers about the live RIB, for api/ and checks/: exact, longest, covering, ordered walks, JSON. */
import { canonicalAddress, type Family, formatPrefix, maskBytes, type Prefix, parsePrefix } from '../ip.ts';
import { decodeAttributes } from '../wire/attributes/index.ts';
import { NlriOrder } from './order.ts';
import { chunkSize } from './places.ts';
import type { Rib } from './rib.ts';
import { formatTime } from './time.ts';
import type {
  AttributesJson,
  Neighbor,
  NeighborRef,
  RibView,
  RouteCursor,
  RouteHandle,
  RouteIndex,
  RouteJson,
} from './types.ts';

/** Decoded attribute sets that are kept; beyond it the cache starts anew. */
export const maxDecodedSets = 32_768;
/** Octets of the attribute sets in it, as on the wire. */
export const maxDecodedOctets = 8 * 1024 * 1024;
/** A neighbor that has less than one in so many of all NLRIs is walked by its own routes. */
const sparseFactor = 16;

export class LiveRib implements RibView, RouteIndex {
  readonly #rib: Rib;
  readonly #order: NlriOrder;
  readonly #decoded = new Map<number, AttributesJson>();
  #decodedOctets = 0;

  constructor(rib: Rib) {
    this.#rib = rib;
    this.#order = new NlriOrder(rib.nlris);
  }

  get seq(): number {
    return this.#rib.seq;
  }

  get neighbors(): ReadonlyMap<number, Neighbor> {
    return this.#rib.neighbors.byId;
  }

  get routeCount(): number {
    return this.#rib.routeCount;
  }

  get prefixCount(): number {
    return this.#rib.prefixCount;
  }

  get attributeSetCount(): number {
    return this.#rib.attributeSets.count;
  }

  json(handle: RouteHandle): RouteJson {
    const { nlris } = this.#rib;
    const neighbor = this.neighbors.get(handle.neighbor)!;
    const table = this.#rib.table(handle.neighbor);
    const times = table.times(handle.nlri);
    const stale = table.isStale(handle.nlri);
    return {
      prefix: nlris.text(handle.nlri),
      family: nlris.family(handle.nlri),
      pathId: nlris.pathId(handle.nlri),
      neighbor: neighborRef(neighbor),
      ...this.attributes(handle.attributes),
      stale,
      staleUntil: stale && neighbor.staleUntil !== null ? formatTime(neighbor.staleUntil) : null,
      receivedAt: formatTime(times.receivedAt),
      firstSeenAt: formatTime(times.firstSeenAt),
      lastChangedAt: formatTime(times.lastChangedAt),
      seq: times.seq,
    };
  }

  attributes(attributes: number): AttributesJson {
    let decoded = this.#decoded.get(attributes);
    if (decoded === undefined) {
      if (!this.#rib.attributeSets.has(attributes - 1)) return noAttributes;
      const octets = this.#rib.attributeSets.bytes(attributes - 1);
      this.#decodedOctets += octets.length;
      if (this.#decoded.size >= maxDecodedSets || this.#decodedOctets > maxDecodedOctets) {
        this.#decoded.clear();
        this.#decodedOctets = octets.length;
      }
      decoded = decodeAttributes(octets);
      this.#decoded.set(attributes, decoded);
    }
    return decoded;
  }

  /** The RIB gave up these attribute sets, and perhaps NLRIs. */
  freed(sets: readonly number[]): void {
    for (const id of sets) this.#decoded.delete(id + 1);
    if (this.#decoded.size === 0) this.#decodedOctets = 0;
    this.#order.trim();
  }

  prefixText(nlri: number): string {
    return this.#rib.nlris.has(nlri) ? this.#rib.nlris.text(nlri) : '';
  }

  pathId(nlri: number): number {
    return this.#rib.nlris.pathId(nlri);
  }

  family(nlri: number): Family {
    return this.#rib.nlris.family(nlri);
  }

  exact(prefix: string, neighbor?: number): RouteHandle[] {
    const parsed = parsePrefix(prefix);
    if (!parsed) return [];
    const handles: RouteHandle[] = [];
    for (const nlri of this.nlris(parsed)) this.#collect(nlri, neighbor, handles);
    return handles;
  }

  isStale(handle: RouteHandle): boolean {
    return this.#rib.tables.get(handle.neighbor)?.isStale(handle.nlri) ?? false;
  }

  attributesOf(neighbor: number, nlri: number): number {
    return this.#rib.tables.get(neighbor)?.get(nlri) ?? 0;
  }

  nlrisOf(neighbor: number): Iterable<number> {
    return this.#rib.tables.get(neighbor)?.nlris() ?? [];
  }

  longest(prefix: string, neighbor?: number): string | undefined {
    const parsed = parsePrefix(prefix);
    return parsed && this.#covering(parsed, neighbor).next().value;
  }

  covering(prefix: string): string[] {
    const parsed = parsePrefix(prefix);
    return parsed ? [...this.#covering(parsed)].reverse() : [];
  }

  walk(
    options: { neighbor?: number; within?: string; family?: Family; after?: RouteCursor },
    visit: (handle: RouteHandle) => boolean,
  ): void {
    const { nlris } = this.#rib;
    const within = options.within === undefined ? undefined : parsePrefix(options.within);
    const after = options.after && parsePrefix(options.after.prefix);
    const ids = this.#candidateIds(options.neighbor);
    const candidates = this.#neighborsByChunk(options.neighbor);
    let position = within ? this.#order.lowerBound(within, ids) : 0;
    if (after) position = Math.max(position, this.#order.lowerBound(after, ids));
    for (; position < ids.length; position++) {
      const nlri = ids[position]!;
      if (within && !this.#isWithin(nlri, within)) return;
      if (this.#rib.holders(nlri) === 0 || (options.family && nlris.family(nlri) !== options.family)) continue;
      const resume = after && options.after && this.#resumesAt(nlri, after, options.after);
      if (resume === 'skip') continue;
      for (const neighbor of candidates(nlri)) {
        if (resume === 'here' && neighbor <= options.after!.neighbor) continue;
        const attributes = this.#rib.tables.get(neighbor)!.get(nlri);
        if (attributes !== 0 && !visit({ neighbor, nlri, attributes })) return;
      }
    }
  }

  /** Interned ids of a prefix, one per path identifier; empty when never seen. */
  nlris(prefix: Prefix): number[] {
    const { nlris } = this.#rib;
    if (!nlris.hasPathIds) {
      const id = nlris.find(prefix);
      return id < 0 ? [] : [id];
    }
    const ids = this.#order.ids();
    const found: number[] = [];
    for (let i = this.#order.lowerBound(prefix); i < ids.length && this.#isExactly(ids[i]!, prefix); i++)
      found.push(ids[i]!);
    return found;
  }

  /** Longest first. */
  *#covering(prefix: Prefix, neighbor?: number): Generator<string> {
    for (let length = prefix.length; length >= 0; length--) {
      if (!this.#rib.nlris.hasLength(prefix.family, length)) continue;
      const cover: Prefix = { family: prefix.family, bytes: maskBytes(prefix.bytes, length), length };
      if (this.nlris(cover).some((nlri) => this.#isPresent(nlri, neighbor))) yield formatPrefix(cover);
    }
  }

  #isPresent(nlri: number, neighbor?: number): boolean {
    return neighbor === undefined
      ? this.#rib.holders(nlri) > 0
      : (this.#rib.tables.get(neighbor)?.get(nlri) ?? 0) !== 0;
  }

  #collect(nlri: number, only: number | undefined, handles: RouteHandle[]): void {
    let left = this.#rib.holders(nlri);
    if (only !== undefined) {
      const attributes = this.#rib.tables.get(only)?.get(nlri) ?? 0;
      if (attributes !== 0) handles.push({ neighbor: only, nlri, attributes });
      return;
    }
    for (const [neighbor, table] of this.#rib.tables) {
      if (left === 0) return;
      const attributes = table.get(nlri);
      if (attributes === 0) continue;
      handles.push({ neighbor, nlri, attributes });
      left--;
    }
  }

  /** The order to walk: all NLRIs, or only those of a neighbor that has few of them. */
  #candidateIds(neighbor?: number): Uint32Array {
    const table = neighbor === undefined ? undefined : this.#rib.tables.get(neighbor);
    if (!table || table.count * sparseFactor > this.#rib.nlris.count) return this.#order.ids();
    return Uint32Array.from(table.nlris()).sort((a, b) => this.#order.compare(a, b));
  }

  /** Neighbors (ascending) that have anything in the chunk of an NLRI; worked out once per chunk and walk. */
  #neighborsByChunk(only?: number): (nlri: number) => number[] {
    if (only !== undefined) return this.#rib.tables.has(only) ? () => [only] : () => [];
    const byChunk = new Map<number, number[]>();
    return (nlri) => {
      const chunk = Math.floor(nlri / chunkSize);
      let neighbors = byChunk.get(chunk);
      if (neighbors === undefined) {
        neighbors = [];
        for (const [id, table] of this.#rib.tables) if (table.hasChunk(nlri)) neighbors.push(id);
        byChunk.set(
          chunk,
          neighbors.sort((a, b) => a - b),
        );
      }
      return neighbors;
    };
  }

  /** Where a walk stands against its cursor: behind it already, at the cursor's NLRI, or on one to be skipped. */
  #resumesAt(nlri: number, after: Prefix, cursor: RouteCursor): 'here' | 'skip' | undefined {
    if (!this.#isExactly(nlri, after)) return undefined;
    const pathId = this.#rib.nlris.pathId(nlri);
    if (pathId === cursor.pathId) return 'here';
    const cursorId = this.#rib.nlris.find(after, cursor.pathId);
    return nlri < cursorId ? 'skip' : undefined;
  }

  #isExactly(nlri: number, prefix: Prefix): boolean {
    return this.#rib.nlris.length(nlri) === prefix.length && this.#isWithin(nlri, prefix);
  }

  #isWithin(nlri: number, prefix: Prefix): boolean {
    const { nlris } = this.#rib;
    if (nlris.family(nlri) !== prefix.family || nlris.length(nlri) < prefix.length) return false;
    for (let bits = prefix.length, n = 0; bits > 0; bits -= 32, n++) {
      const shift = bits >= 32 ? 0 : 32 - bits;
      const b = prefix.bytes;
      const word = ((b[n * 4]! << 24) | (b[n * 4 + 1]! << 16) | (b[n * 4 + 2]! << 8) | b[n * 4 + 3]!) >>> 0;
      if (nlris.word(nlri, n) >>> shift !== word >>> shift) return false;
    }
    return true;
  }
}

/** Of a set that the RIB gave up; nothing that is asked in time sees it. */
const noAttributes = decodeAttributes(new Uint8Array(0));

export function neighborRef(neighbor: Neighbor): NeighborRef {
  const { id, remoteAddress, asn, routerId, node } = neighbor;
  return { id, address: canonicalAddress(remoteAddress) ?? remoteAddress, asn, routerId, node };
}
