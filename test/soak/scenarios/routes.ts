/** Many routes, and routes that never rest. */
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../support/wait.ts';
import { leakKey, serviceCount, sessionCount } from '../addresses.ts';
import { type Scenario, someSessions } from './scenario.ts';

const leakingSessions = 10;
const leakedBySession = 20_000;
const baseRoutes = sessionCount * serviceCount;

/** Announces, changes and withdraws the routes of some sessions for `ms`. */
export const churn =
  (ms: number): Scenario['run'] =>
  async ({ speakers, random }) => {
    const sessions = someSessions(random, 20);
    const end = performance.now() + ms;
    for (let round = 1; performance.now() < end; round++) {
      const session = random.pick(sessions);
      const first = leakKey(session) + random.integer(0, 500);
      const count = random.integer(1, 500);
      if (random.chance(0.6)) await speakers.announce([session], first, count, round);
      else await speakers.withdraw([session], first, count);
      await delay(random.integer(0, 30));
    }
    for (const session of sessions) await speakers.withdraw([session], leakKey(session), 1_000);
  };

export const churnScenario: Scenario = {
  name: 'churn',
  what: '20 sessions announce, change and withdraw for 8 s',
  run: churn(8_000),
};

export const leak: Scenario = {
  name: 'leak',
  what: '10 sessions announce 20,000 routes each that nothing expects, and withdraw them',
  async run({ product, speakers, random }) {
    const sessions = someSessions(random, leakingSessions);
    for (const session of sessions) await speakers.announce([session], leakKey(session), leakedBySession);
    await until(
      'all leaked routes are known and durable',
      async () => {
        const { rib, seq, watermark, verdicts } = await product.status();
        return (
          rib.routes === baseRoutes + leakingSessions * leakedBySession &&
          watermark === seq &&
          verdicts.unexpected === leakingSessions * leakedBySession
        );
      },
      {
        timeout: 60_000,
        every: 250,
      },
    );
    // all live clients watch
    for (const session of sessions) await speakers.withdraw([session], leakKey(session), leakedBySession);
  },
};

export const routeFlaps: Scenario = {
  name: 'route-flaps',
  what: '10,000 routes are announced and withdrawn as fast as the collector reads, for 8 s',
  async run({ speakers, random }) {
    const [session] = someSessions(random, 1);
    const end = performance.now() + 8_000;
    while (performance.now() < end) {
      await speakers.announce([session!], leakKey(session!), 10_000);
      await speakers.withdraw([session!], leakKey(session!), 10_000);
    }
  },
};

export const attributeSets: Scenario = {
  name: 'attribute-sets',
  what: 'every route gets an attribute set of its own, over and over: 200,000 sets that nothing uses any more',
  async run({ speakers, random }) {
    const [session] = someSessions(random, 1);
    const base = random.integer(1, 1e6) * 1_000;
    for (let med = 0; med < 200_000; med += 500)
      await speakers.announceEach(session!, leakKey(session!), 500, base + med);
    await speakers.withdraw([session!], leakKey(session!), 500);
  },
};
