/**
 * npm run soak: the collector under everything that peers, clients, disks and clocks can do, for as long as you like.
 *
 *     node test/soak/soak.ts --minutes 30 [--seed N] [--scenarios kill,leak,…]
 */
import { Command, InvalidArgumentError, Option } from 'commander';
import { installPackages } from '../support/debian.ts';
import { ownNetwork } from '../support/netns.ts';
import { soak } from './driver.ts';
import { scenarios } from './scenarios/index.ts';

interface Options {
  minutes: number;
  seed: number;
  scenarios: string[];
  clients: number;
  keep?: boolean;
  judgeDelays: boolean;
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value >= 0 && value < 1e6)) throw new InvalidArgumentError('expected a number from 0 on.');
  return value;
}

function names(text: string): string[] {
  const given = text.split(',');
  const unknown = given.filter((name) => !scenarios.some((scenario) => scenario.name === name));
  if (unknown.length > 0) throw new InvalidArgumentError(`unknown: ${unknown}.`);
  return given;
}

const width = Math.max(...scenarios.map(({ name }) => name.length));
const program = new Command('soak')
  .description(
    'Runs the collector with 768 MiB and 512 descriptors in a network namespace and does harm to it, seeded.\n' +
      'Each scenario runs once, then random ones until the time is over. Needs root and Linux.',
  )
  .option('--minutes <n>', 'how long', positive, 30)
  .option('--seed <n>', 'the same seed gives the same order and the same harm', positive, Date.now() % 1e6)
  .addOption(
    new Option('--scenarios <list>', 'only these')
      .default(
        scenarios.map(({ name }) => name),
        'all',
      )
      .argParser(names),
  )
  .option('--clients <n>', 'live clients; one in ten never reads', positive, 200)
  .option('--no-judge-delays', 'print delays without failing for them, as on a machine with other load')
  .option('--keep', 'leave the folders with database and manifests')
  .addHelpText(
    'after',
    `\nScenarios:\n${scenarios.map(({ name, what }) => `  ${name.padEnd(width)}  ${what}`).join('\n')}`,
  );

const { minutes, seed, scenarios: chosen, clients, judgeDelays, keep = false } = program.parse().opts<Options>();
installPackages(['gcc', 'libc6-dev', 'iproute2', 'util-linux']);
ownNetwork();
console.log(`seed ${seed}, ${minutes} minutes, ${chosen.length} scenarios`);
const failures = await soak({
  minutes,
  seed,
  scenarios: scenarios.filter(({ name }) => chosen.includes(name)),
  clients,
  keep,
  judgeDelays,
});
if (failures.length > 0) {
  console.log(`\n${failures.length} failures`);
  for (const { scenario, check, text, times } of failures)
    console.log(`✗ ${scenario}: ${check}${times > 1 ? ` (${times} times)` : ''}: ${text}`);
  console.log(`\nRepeat: npm run soak -- --minutes ${minutes} --seed ${seed}`);
  const failed = [...new Set(failures.map(({ scenario }) => scenario))].filter((name) => chosen.includes(name));
  if (failed.length > 0)
    console.log(`Only what failed: npm run soak -- --minutes 0 --seed ${seed} --scenarios ${failed.join(',')}`);
}
process.exit(failures.length > 0 ? 1 : 0);
