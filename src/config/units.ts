/** Durations, sizes, addresses and prefixes as the configuration writes them. */
import { z } from 'zod';
import { canonicalAddress, canonicalPrefix, contains, formatAddress, parseAddress, parsePrefix } from '../ip.ts';

const milliseconds = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const octets = {
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
} as const;

/** `300ms`, `1.5s`, `30d` in milliseconds; undefined for other text. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  return match ? Number(match[1]) * milliseconds[match[2] as keyof typeof milliseconds] : undefined;
}

/** `20GiB`, `500MB` in octets; undefined for other text. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([KMGT]iB|[kMGT]?B)$/.exec(text);
  return match ? Math.floor(Number(match[1]) * octets[match[2] as keyof typeof octets]) : undefined;
}

/** A string that `parse` accepts; `hint` is the error otherwise. */
function parsed<T>(parse: (text: string) => T | undefined, hint: string) {
  return z.string({ error: hint }).transform((text, context) => {
    const value = parse(text.trim());
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: hint, input: text });
    return z.NEVER;
  });
}

/** A duration from `min` to `max`, both as text, in milliseconds. */
export function duration(min: string, max: string) {
  const [from, to] = [parseDuration(min)!, parseDuration(max)!];
  const hint = `expected a duration from ${min} to ${max} with its unit, such as 300ms, 5s or 30d`;
  return parsed((text) => {
    const value = parseDuration(text);
    return value !== undefined && value >= from && value <= to ? value : undefined;
  }, hint);
}

export const size = parsed(parseSize, 'expected a size with its unit, such as 500MiB or 20GiB');
export const address = parsed(canonicalAddress, 'expected an IPv4 or IPv6 address');
export const ipv4 = parsed(
  (text) => (text.includes(':') || text === '0.0.0.0' ? undefined : canonicalAddress(text)),
  'expected a router ID: an IPv4 address other than 0.0.0.0',
);
export const prefix = parsed(
  (text) => (text.includes('/') && parsePrefix(text, { strict: true }) ? canonicalPrefix(text) : undefined),
  'expected a prefix whose host bits are zero, such as 192.0.2.0/24',
);
/** `address:port`, IPv6 in brackets; canonical. */
export const endpoint = parsed((text) => {
  const split = splitEndpoint(text);
  return split && (split.address.includes(':') ? `[${split.address}]:${split.port}` : `${split.address}:${split.port}`);
}, 'expected address:port with a numeric address, IPv6 in brackets: 0.0.0.0:179 or [::]:179');
export const asn = z
  .int({ error: 'expected an AS number between 1 and 4294967295' })
  .min(1, { error: 'expected an AS number between 1 and 4294967295' })
  .max(0xffff_ffff, { error: 'expected an AS number between 1 and 4294967295' });

/** The parts of `address:port`, the address in canonical form; undefined for other text. */
export function splitEndpoint(text: string): { address: string; port: number } | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const octetsOfAddress = match && parseAddress(match[1] ?? match[2]!);
  if (!octetsOfAddress || Number(match[3]) > 65535) return undefined;
  if ((octetsOfAddress.length === 16) !== (match[1] !== undefined)) return undefined;
  return { address: formatAddress(octetsOfAddress), port: Number(match[3]) };
}

const loopbacks = [parsePrefix('127.0.0.0/8')!, parsePrefix('::1/128')!];

/** Whether an address in canonical form is a loopback address. */
export function isLoopback(text: string): boolean {
  const host = parsePrefix(text);
  return host !== undefined && loopbacks.some((loopback) => contains(loopback, host));
}
