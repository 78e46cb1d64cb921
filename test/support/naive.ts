/**
 * A second UPDATE decoder that shares nothing with src/wire: slow, short, for well-formed octets only. What the
 * property tests hold the real one against.
 */
export interface NaiveUpdate {
  /** `family/pathId/address in hex/length`, host bits zero. */
  withdrawn: string[];
  announced: string[];
  /** Values as hex by type code, MP_REACH_NLRI and MP_UNREACH_NLRI left out. */
  attributes: Record<number, string>;
}

export function naiveUpdate(message: Uint8Array, addPath: { 4: boolean; 6: boolean }): NaiveUpdate {
  const body = Buffer.from(message).subarray(19);
  const withdrawnLength = body.readUInt16BE(0);
  const attributesLength = body.readUInt16BE(2 + withdrawnLength);
  const withdrawn = routes(body.subarray(2, 2 + withdrawnLength), 4, addPath[4]);
  const announced = routes(body.subarray(4 + withdrawnLength + attributesLength), 4, addPath[4]);
  const attributes: Record<number, string> = {};
  let rest = body.subarray(4 + withdrawnLength, 4 + withdrawnLength + attributesLength);
  while (rest.length > 0) {
    const long = (rest[0]! & 16) > 0;
    const head = long ? 4 : 3;
    const length = long ? rest.readUInt16BE(2) : rest[2]!;
    const value = rest.subarray(head, head + length);
    const family = value[1] === 1 ? 4 : 6;
    if (rest[1] === 14) announced.push(...routes(value.subarray(5 + value[3]!), family, addPath[family]));
    else if (rest[1] === 15) withdrawn.push(...routes(value.subarray(3), family, addPath[family]));
    else attributes[rest[1]!] = value.toString('hex');
    rest = rest.subarray(head + length);
  }
  return { withdrawn, announced, attributes };
}

function routes(octets: Buffer, family: 4 | 6, addPath: boolean): string[] {
  const found: string[] = [];
  while (octets.length > 0) {
    const pathId = addPath ? octets.readUInt32BE(0) : 0;
    const rest = addPath ? octets.subarray(4) : octets;
    const length = rest[0]!;
    const size = Math.ceil(length / 8);
    found.push(naiveRoute(family, pathId, rest.subarray(1, 1 + size), length));
    octets = rest.subarray(1 + size);
  }
  return found;
}

/** The key of a route from as many octets as its length needs. */
export function naiveRoute(family: 4 | 6, pathId: number, octets: Uint8Array, length: number): string {
  const width = family === 4 ? 32 : 128;
  const bits = [...octets].map((octet) => octet.toString(2).padStart(8, '0')).join('');
  const masked = bits.slice(0, length).padEnd(width, '0');
  return `${family}/${pathId}/${BigInt(`0b${masked}`).toString(16)}/${length}`;
}
