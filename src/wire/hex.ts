/** Octets as lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const octet of bytes) text += octet < 16 ? `0${octet.toString(16)}` : octet.toString(16);
  return text;
}

/** Octets of an even number of hex digits. */
export function fromHex(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}
