/** Compares the capabilities of both sides: announced, received, negotiated, and why. */
import {
  addPath,
  as4,
  type Capability,
  type CapabilityRow,
  enhancedRouteRefresh,
  extendedMessage,
  extendedNextHop,
  fqdn,
  gracefulRestart,
  has,
  multiprotocol,
  routeRefresh,
  softwareVersion,
  valuesOf,
} from '../wire/capabilities.ts';
import { familyOf } from '../wire/iana.ts';
import { familiesOf, offersIpv6NextHop, receivesPaths, sendsPaths } from './negotiate.ts';
import type { OpenSummary } from './types.ts';

/** One capability of the comparison. */
export interface CapabilityComparison {
  code: number;
  /** Capability, with its family if announced per family: `multiprotocol/ipv4-unicast`. */
  name: string;
  announced: boolean;
  received: boolean;
  negotiated: boolean;
  /** Why it is or is not negotiated. */
  text: string;
}

/** Compares our OPEN with the neighbor's: first the capabilities that Peerglass uses, then the neighbor's others. */
export function explainCapabilities(ours: OpenSummary, theirs: OpenSummary): CapabilityComparison[] {
  const a = ours.capabilities;
  const b = theirs.capabilities;
  return [
    ...multiprotocolLines(a, b),
    simple(as4, a, b, `AS numbers have four octets; the neighbor is AS ${theirs.asn}`),
    simple(routeRefresh, a, b, 'the neighbor sends all routes again on request'),
    simple(enhancedRouteRefresh, a, b, 'messages mark the beginning and end of a refresh'),
    messageLine(a, b),
    nextHopLine(a, b),
    ...addPathLines(a, b),
    restartLine(a, b),
    nameLine(fqdn, a, b, ({ hostname, domain }) => (domain === '' ? hostname : `${hostname}.${domain}`)),
    nameLine(softwareVersion, a, b, ({ version }) => version),
    ...others(b),
  ];
}

const missing = { ours: 'Peerglass does not announce it', theirs: 'the neighbor does not announce it' };

function absence(announced: boolean, received: boolean): string {
  if (!announced && !received) return 'neither side announces it';
  return announced ? missing.theirs : missing.ours;
}

function simple(row: CapabilityRow<unknown>, a: Capability[], b: Capability[], meaning: string) {
  const announced = has(a, row);
  const received = has(b, row);
  const negotiated = announced && received;
  return line(row, announced, received, negotiated, negotiated ? meaning : absence(announced, received));
}

function multiprotocolLines(a: Capability[], b: Capability[]): CapabilityComparison[] {
  const ours = valuesOf(a, multiprotocol);
  const theirs = valuesOf(b, multiprotocol);
  const names = [...new Set([...ours, ...theirs].map(({ family }) => family))];
  return names.map((name) => {
    const { afi, safi } = [...ours, ...theirs].find(({ family }) => family === name)!;
    const family = familyOf(afi, safi);
    const announced = ours.some((it) => it.family === name);
    const received = theirs.some((it) => it.family === name);
    // RFC 4760 §8: without a multiprotocol capability a neighbor speaks IPv4
    const implied = family === 4 && theirs.length === 0 && familiesOf(b).includes(4);
    const negotiated = announced && (received || implied);
    const text = negotiated
      ? `both sides can exchange ${name} routes${implied ? ', the default without multiprotocol extensions' : ''}`
      : absence(announced, received);
    return line(multiprotocol, announced, received, negotiated, text, name);
  });
}

/** RFC 8654 §6: the receiver's announcement alone raises the limit. We send no long messages. */
function messageLine(a: Capability[], b: Capability[]): CapabilityComparison {
  const announced = has(a, extendedMessage);
  const text = announced ? 'the neighbor can send messages of up to 65,535 octets' : missing.ours;
  return line(extendedMessage, announced, has(b, extendedMessage), announced, text);
}

function nextHopLine(a: Capability[], b: Capability[]): CapabilityComparison {
  const announced = offersIpv6NextHop(a);
  const received = offersIpv6NextHop(b);
  const negotiated = announced && received;
  const meaning = 'IPv4 routes can have an IPv6 next hop';
  return line(extendedNextHop, announced, received, negotiated, negotiated ? meaning : absence(announced, received));
}

function addPathLines(a: Capability[], b: Capability[]): CapabilityComparison[] {
  return ([4, 6] as const).map((family) => {
    const received = sendsPaths(b, family) || receivesPaths(b, family);
    const negotiated = receivesPaths(a, family) && sendsPaths(b, family);
    const text = negotiated
      ? 'routes carry path identifiers'
      : received
        ? 'both sides offer only to receive multiple paths'
        : missing.theirs;
    return line(addPath, receivesPaths(a, family), received, negotiated, text, `ipv${family}-unicast`);
  });
}

function restartLine(a: Capability[], b: Capability[]): CapabilityComparison {
  const announced = has(a, gracefulRestart);
  const theirs = valuesOf(b, gracefulRestart).at(-1);
  if (!theirs) return line(gracefulRestart, announced, false, false, missing.theirs);
  const families = theirs.families.map(({ family }) => family).join(' and ');
  const text =
    families === ''
      ? 'the neighbor preserves no family: its routes are removed when the session ends'
      : `${families} routes are kept for up to ${theirs.restartTime} s after the session ends`;
  return line(gracefulRestart, announced, true, announced && families !== '', text);
}

function nameLine<T>(row: CapabilityRow<T>, a: Capability[], b: Capability[], name: (value: T) => string) {
  const value = valuesOf(b, row)[0];
  const received = value !== undefined;
  return line(row, has(a, row), received, received, received ? `the neighbor reports ${name(value)}` : missing.theirs);
}

/** Capabilities compared above. */
const used: readonly { code: number }[] = [
  multiprotocol,
  as4,
  routeRefresh,
  enhancedRouteRefresh,
  extendedMessage,
  extendedNextHop,
  addPath,
  gracefulRestart,
  fqdn,
  softwareVersion,
];

/** The neighbor's capabilities that Peerglass does not use, and malformed ones. */
function others(b: Capability[]): CapabilityComparison[] {
  const codes = new Set(used.map(({ code }) => code));
  return b
    .filter(({ code, error }) => error !== undefined || !codes.has(code))
    .map(({ code, name, error }) => ({
      code,
      name,
      announced: false,
      received: true,
      negotiated: false,
      text: error === undefined ? missing.ours : `invalid value: ${error}`,
    }));
}

function line<T>(
  { code, name }: CapabilityRow<T>,
  announced: boolean,
  received: boolean,
  negotiated: boolean,
  text: string,
  family?: string,
): CapabilityComparison {
  return { code, name: family === undefined ? name : `${name}/${family}`, announced, received, negotiated, text };
}
