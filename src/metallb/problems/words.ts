/** How problems list names and count things. */

/** Names in one sentence; of more of them the number tells enough. */
const maxNamed = 5;

/** `a, b and 7 more`, in alphabetical order: the order of the objects must not matter. */
export function names(list: Iterable<string>, max = maxNamed): string {
  const all = [...new Set(list)].sort();
  const more = all.length - max;
  if (more > 0) return `${all.slice(0, max).join(', ')} and ${more} more`;
  return all.length < 2 ? (all[0] ?? 'none') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
}

/** `1 node`, `3 nodes` */
export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number} ${number === 1 ? one : many}`;
