/** Ethernet hardware addresses: six octets to text, lower case with colons, and back. */

export const macLength = 6;

export function formatMac(bytes: Uint8Array, offset = 0): string {
  return Array.from(bytes.subarray(offset, offset + macLength), (octet) => octet.toString(16).padStart(2, '0')).join(
    ':',
  );
}

/** Undefined if `text` is invalid. */
export function parseMac(text: string): Uint8Array | undefined {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text)) return undefined;
  return Uint8Array.from(text.split(':'), (octet) => Number.parseInt(octet, 16));
}

/** True for the address of a single station, false for all zeros and group addresses. */
export const isStation = (mac: Uint8Array): boolean => (mac[0]! & 1) === 0 && mac.some((octet) => octet !== 0);
