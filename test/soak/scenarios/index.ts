/** Every scenario of the soak; each runs at least once. */
import { apiFuzz, idleConnections, liveAbuse, stalledExports } from './api.ts';
import {
  clockJumps,
  databaseDeleted,
  diskFailing,
  diskFull,
  diskSlow,
  held,
  kill,
  killFull,
  terminate,
} from './machine.ts';
import { edits } from './objects.ts';
import { attributeSets, churnScenario, leak, routeFlaps } from './routes.ts';
import type { Scenario } from './scenario.ts';
import { largeMessages, malformed, sessionFlaps, sessionStorm, strangers } from './sessions.ts';

export const scenarios: readonly Scenario[] = [
  churnScenario,
  leak,
  routeFlaps,
  attributeSets,
  sessionFlaps,
  sessionStorm,
  malformed,
  largeMessages,
  strangers,
  apiFuzz,
  stalledExports,
  idleConnections,
  liveAbuse,
  edits,
  diskFull,
  diskFailing,
  diskSlow,
  kill,
  killFull,
  terminate,
  held,
  clockJumps,
  databaseDeleted,
];
