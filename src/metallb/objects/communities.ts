/** Which communities: literals, and aliases from Community objects. */

import { clip } from '../refusals.ts';
import type { Community } from './resources.ts';

/** In MetalLB's notation: `64512:100`, `large:64512:1:2`. */
export interface CommunityValue {
  readonly large: boolean;
  /** `64512:100` or `64512:1:2`: as routers write it. */
  readonly text: string;
}

/**
 * Not a community as it stands. `transient`: it may be an alias that is not defined yet, so the speakers wait for it;
 * otherwise it can never become one.
 */
export class CommunityError extends Error {
  readonly transient: boolean;
  constructor(message: string, transient: boolean) {
    super(message);
    this.transient = transient;
  }
}

/** Most communities that one route may carry (FRR's limit as MetalLB enforces it). */
export const maxCommunities = 63;

/** Characters of a community, or of an alias that could be one: names of Kubernetes have up to 253. */
const maxLength = 253;

/** `a:b` with 16-bit decimals or `large:a:b:c` with 32-bit ones; nothing else, no names, no hex. Throws CommunityError. */
export function parseCommunity(text: string): CommunityValue {
  if (text.length > maxLength) throw new CommunityError(`invalid community format: "${clip(text, maxLength)}"`, true);
  const parts = text.split(':');
  if (parts.length === 2) {
    if (!parts.every((part) => decimal(part, 0xffff)))
      throw new CommunityError(`invalid community value "${text}": two decimals up to 65535 expected`, false);
    return { large: false, text: parts.map(Number).join(':') };
  }
  if (parts.length === 4) {
    if (parts[0] !== 'large')
      throw new CommunityError(`invalid community value "${text}": a large community starts with "large:"`, false);
    if (!parts.slice(1).every((part) => decimal(part, 0xffffffff)))
      throw new CommunityError(`invalid community value "${text}": three decimals up to 4294967295 expected`, false);
    return { large: true, text: parts.slice(1).map(Number).join(':') };
  }
  throw new CommunityError(`invalid community format: "${text}"`, true);
}

/** Alias → value over all Community objects; values that do not parse are left out (their object is refused elsewhere). */
export function aliasesOf(objects: Iterable<Community>): ReadonlyMap<string, CommunityValue> {
  const aliases = new Map<string, CommunityValue>();
  for (const { spec } of objects)
    for (const { name, value } of spec.communities) {
      try {
        aliases.set(name, parseCommunity(value));
      } catch (error) {
        if (!(error instanceof CommunityError)) throw error;
      }
    }
  return aliases;
}

/** An alias of exactly that name first, then a literal. Throws CommunityError. */
export function resolveCommunity(text: string, aliases: ReadonlyMap<string, CommunityValue>): CommunityValue {
  const alias = aliases.get(text);
  if (alias) return alias;
  try {
    return parseCommunity(text);
  } catch (error) {
    if (error instanceof CommunityError && error.transient)
      throw new CommunityError(`${error.message}, and no Community object defines this name (transient)`, true);
    throw error;
  }
}

const decimal = (text: string, max: number): boolean => /^\d{1,10}$/.test(text) && Number(text) <= max;
