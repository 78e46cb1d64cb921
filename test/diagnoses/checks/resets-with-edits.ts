import { type Case, edited, minutes, seconds, up } from '../facts.ts';
import { cluster } from '../objects.ts';

/** A session that went down three times, so many minutes ago. */
const ended = (...ago: number[]) => ({ 1: ago.map((n) => ({ at: minutes(n) + 4_000 })) });
const webEdits = [50, 30, 10].map((n) => edited('Service', 'web', minutes(n)));

export const cases: Case[] = [
  {
    name: 'three ends, each just after an edit of a service',
    given: { neighbors: { 1: up(1) }, edits: webEdits, ends: ended(50, 30, 10) },
    found: [/went down 3 times since .*, 3 of them within 10 s of an edit \(Service web\)/],
  },
  {
    name: 'silent: ends at other times',
    given: { neighbors: { 1: up(1) }, edits: webEdits, ends: ended(45, 25, 5) },
    found: [],
  },
  {
    name: 'silent: a cluster that is edited all the time',
    given: {
      neighbors: { 1: up(1) },
      edits: Array.from({ length: 360 }, (_, i) => edited('Service', `web-${i}`, seconds((360 - i) * 10))),
      ends: ended(50, 30, 10),
    },
    found: [],
  },
  {
    name: 'silent: edits of the BGPPeer itself end sessions as they should',
    given: {
      objects: cluster,
      neighbors: { 1: up(1) },
      edits: [50, 30, 10].map((n) => edited('BGPPeer', 'tor-1', minutes(n))),
      ends: ended(50, 30, 10),
    },
    found: [],
  },
];
