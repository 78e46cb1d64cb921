/** Twenty routes of one neighbor, and how some of them were away for a while. */
import { seconds } from './facts.ts';

const prefixes = Array.from({ length: 20 }, (_, i) => `203.0.113.${i}/32`);
/** The routes, of neighbor 1. */
export const twenty = prefixes.map((prefix): [neighbor: number, prefix: string] => [1, prefix]);

/** The first `count` of them away at once, from `ago` seconds ago on, for `ms`. */
export const gapsOfTwenty = (count: number, ago: number, ms: number) =>
  prefixes.slice(0, count).map((prefix, i) => ({ prefix, from: seconds(ago) + i * 50, to: seconds(ago) + ms }));

/** One of them away for two seconds, as often as there are numbers of seconds ago. */
export const gapsOf = (prefix: string, ...ago: number[]) =>
  ago.map((n) => ({ prefix, from: seconds(n), to: seconds(n) + 2_000 }));
