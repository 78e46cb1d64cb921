/** Interfaces that speakers never use for layer 2: ConfigMap metallb-excludel2. */
import { excludeL2Name } from '../objects/config-map.ts';
import type { ConfigMap } from '../objects/resources.ts';
import type { ObjectRef } from '../types.ts';

/** Is an interface of this name left alone? */
export interface ExcludedInterfaces {
  readonly ref: ObjectRef | undefined;
  has(name: string): boolean;
}

/** Longest name of an interface (IFNAMSIZ without its NUL). */
const maxName = 15;
const maxPattern = 64;
/** Patterns of one list; lint names a list with more. */
export const maxPatterns = 256;
/** Repetitions in one pattern: with names that short, few enough that no pattern takes long. */
const maxRepetitions = 4;

/**
 * A pattern of Go's RE2 as the same one here, where it means the same and cannot take long: no group is repeated, and
 * nothing looks around or back. Undefined for any other.
 */
export function interfacePattern(text: string): RegExp | undefined {
  if (text.length > maxPattern || /\)[*+?]|\{|\(\?|\[\[:|\\[^.\-d]/.test(text)) return undefined;
  if ((text.match(/[*+?]/g)?.length ?? 0) > maxRepetitions) return undefined;
  try {
    return new RegExp(text);
  } catch {
    return undefined;
  }
}

/** Patterns that are not understood exclude nothing here; lint names them. */
export function excludedInterfaces(configMap: ConfigMap | undefined): ExcludedInterfaces {
  const patterns = (configMap?.spec.excludedInterfaces ?? []).slice(0, maxPatterns).flatMap((text) => {
    const pattern = interfacePattern(text);
    return pattern ? [pattern] : [];
  });
  return {
    ref: configMap?.ref,
    has: (name) => name.length <= maxName && patterns.some((pattern) => pattern.test(name)),
  };
}

export const excludeListOf = (namespace: string, all: ReadonlyMap<string, ConfigMap>): ConfigMap | undefined =>
  all.get(`${namespace}/${excludeL2Name}`);
