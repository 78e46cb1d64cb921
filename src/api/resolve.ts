/** Which neighbor is meant: by id, by address, or by node. */
import { canonicalAddress } from '../ip.ts';
import type { Neighbor, RibView } from '../rib/types.ts';
import { neighborRef } from '../rib/view.ts';
import { ApiError } from './errors.ts';

/** Every neighbor that `text` (an id, an address, a node name) may stand for. */
export function findNeighbors(rib: RibView, text: string): Neighbor[] {
  if (/^\d{1,15}$/.test(text)) {
    const byId = rib.neighbors.get(Number(text));
    return byId ? [byId] : [];
  }
  const address = canonicalAddress(text);
  const neighbors = [...rib.neighbors.values()];
  return address !== undefined
    ? neighbors.filter(({ remoteAddress }) => remoteAddress === text || canonicalAddress(remoteAddress) === address)
    : neighbors.filter(({ node }) => node === text);
}

const maxCandidates = 20;

/** The one neighbor that is meant; none is a 404, several are a 409 with the candidates. */
export function resolveNeighbor(rib: RibView, text: string): Neighbor {
  const [neighbor, ...others] = findNeighbors(rib, text);
  if (!neighbor) throw new ApiError(404, 'no-such-neighbor', `No neighbor has the id, address or node name ${text}`);
  if (others.length === 0) return neighbor;
  const candidates = [neighbor, ...others].slice(0, maxCandidates).map(neighborRef);
  const detail = `${others.length + 1} neighbors have the address or node name ${text}; ask by id`;
  throw new ApiError(409, 'ambiguous-neighbor', detail, { candidates });
}
