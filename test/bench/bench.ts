/**
 * npm run bench: Peerglass and real routing daemons, interleaved on the same loads in one run; then the cost of
 * a start and of an idle collector, how long a verdict takes, and what each stage costs by itself.
 *
 *     node test/bench/bench.ts [--rounds 3] [--scenarios a1x1m,…] [--daemons bird,…] [--quick] [--out FILE] [--dir DIR]
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { installPackages } from '../support/debian.ts';
import { daemons } from './daemons.ts';
import { compileInjector, dumpLoad } from './injector.ts';
import { latencyLoad, measureLatency } from './latency.ts';
import { latencyReport } from './latency-result.ts';
import { describeMachine, isInMemory, machine } from './machine.ts';
import { measure, type Result } from './measure.ts';
import { peerglass } from './peerglass.ts';
import { killAll } from './processes.ts';
import { notLikeForLike, scenarioTable, targetTable } from './report.ts';
import { quick, type Scenario, scenarios } from './scenarios.ts';
import type { Subject } from './subject.ts';

interface Options {
  rounds: number;
  scenarios: string[];
  daemons: string[];
  quick?: boolean;
  out?: string;
  dir?: string;
  keep?: boolean;
}

/** A comma-separated list of `known` names; all of them unless told. */
function choice(flags: string, known: readonly string[]): Option {
  const parse = (text: string): string[] => {
    const names = text === 'none' ? [] : text.split(',');
    const unknown = names.filter((name) => !known.includes(name));
    if (unknown.length > 0) throw new InvalidArgumentError(`${unknown} is none of ${known.join(', ')}.`);
    return names;
  };
  return new Option(flags, `${known.join(',')}; or none`).default([...known], 'all').argParser(parse);
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('Not a positive number.');
  return value;
}

const loadNames = [
  ...scenarios.map((scenario) => scenario.name),
  'idle',
  'latency',
  'stages',
  'calculator',
  'diagnoses',
];
const daemonNames = daemons.map((daemon) => daemon.name);

const program = new Command('bench')
  .description(
    'Measures Peerglass against BIRD, FRR, OpenBGPD and GoBGP (Debian packages; installed when root and missing).\n' +
      'All of it takes about 25 minutes and wants the machine for itself.',
  )
  .option('--rounds <n>', 'rounds; every subject runs once per round and scenario', positive, 3)
  .addOption(choice('--scenarios <list>', loadNames))
  .addOption(choice('--daemons <list>', daemonNames))
  .option('--quick', 'a tenth of the load and one round: shows that it runs, measures nothing')
  .option('--out <file>', 'append raw results, one JSON object per line')
  .option('--dir <dir>', 'folder for data; must be on a real disk')
  .option('--keep', 'leave the folder with configurations, logs and databases');

async function main({ rounds, out, dir, keep, ...chosen }: Options): Promise<void> {
  const loads = scenarios
    .filter((scenario) => chosen.scenarios.includes(scenario.name))
    .map((scenario) => (chosen.quick ? quick(scenario) : scenario));
  const subjects = [...daemons.filter((daemon) => chosen.daemons.includes(daemon.name)), peerglass];
  installPackages(['gcc', 'libc6-dev', ...subjects.flatMap((subject) => subject.package ?? [])]);

  const folder = temporaryFolder(dir);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  process.once('exit', () => {
    killAll();
    if (!keep) rmSync(folder, { recursive: true, force: true });
  });
  const facts = machine(folder, subjects);
  const record = (line: object) => out && appendFileSync(out, `${JSON.stringify(line)}\n`);
  console.log(`${describeMachine(facts)}\nData in ${folder}\n`);
  record({ machine: facts, at: new Date().toISOString() });

  const injector = compileInjector(folder);
  const results: Result[] = [];
  for (let round = 1; round <= (chosen.quick ? 1 : rounds); round++)
    for (const scenario of loads)
      for (const subject of inTurn(subjects, round).filter(({ name }) => !(name in scenario.without))) {
        const result = await measure({ subject, scenario, quick: Boolean(chosen.quick), round, injector, folder });
        if (!keep) rmSync(join(folder, `${scenario.name}-${round}-${subject.name}`), { recursive: true });
        results.push(result);
        record(result);
        console.log(progressLine(scenario, result));
      }
  for (const scenario of loads) console.log(`\n${scenarioTable(scenario, subjects, results)}`);
  if (loads.length > 0) {
    console.log(`\n${chosen.quick ? '--quick: no numbers to compare with the targets' : targetTable(results)}`);
    console.log(`\n${notLikeForLike}`);
  }

  if (chosen.scenarios.includes('idle')) {
    console.log('\nA start, and a collector without neighbors');
    run('idle.ts', ...(chosen.quick ? ['--rounds', '1'] : []));
  }
  if (chosen.scenarios.includes('latency')) {
    const latencies = await measureLatency();
    record({ scenario: 'latency', ...latencies });
    console.log(`\n${latencyReport(latencies, latencyLoad)}`);
  }
  if (chosen.scenarios.includes('stages')) {
    const dump = join(folder, 'a1x1m.bgp');
    dumpLoad(injector, scenarios[0]!, dump);
    console.log('\nEach stage by itself');
    run('stages.ts', dump);
    run('full-check.ts');
  }
  if (chosen.scenarios.includes('calculator')) {
    console.log('\nExpectations of a large cluster');
    run('calculator.ts', ...(chosen.quick ? ['--nodes', '100', '--services', '500', '--changes', '5'] : []));
  }
  if (chosen.scenarios.includes('diagnoses')) {
    console.log('\nDiagnoses of a large cluster');
    run('diagnoses.ts', ...(chosen.quick ? ['--nodes', '100', '--services', '500', '--routes', '200'] : []));
  }
  process.exitCode = results.some((result) => result.error) ? 1 : 0;
}

/** Runs one of the programs beside this one, in a process of its own. */
function run(program: string, ...args: string[]): void {
  execFileSync(process.execPath, [join(import.meta.dirname, program), ...args], { stdio: 'inherit' });
}

/** Another subject comes first in each round: what one leaves behind (caches, heat) does not always meet the same one. */
function inTurn(subjects: readonly Subject[], round: number): Subject[] {
  const first = (round - 1) % subjects.length;
  return [...subjects.slice(first), ...subjects.slice(0, first)];
}

function temporaryFolder(dir: string | undefined): string {
  const parent = dir ?? [tmpdir(), '/var/tmp'].find((candidate) => !isInMemory(candidate)) ?? tmpdir();
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(join(parent, 'peerglass-bench-'));
}

function progressLine(scenario: Scenario, { round, subject, readings, routes, error }: Result): string {
  const points = Object.entries(readings).map(([point, { seconds }]) => `${point} ${seconds.toFixed(2)} s`);
  const outcome = error ?? (points.length > 0 ? points.join(', ') : `not done, ${routes} routes`);
  return `round ${round}  ${scenario.name}  ${subject}: ${outcome}`;
}

await main(program.parse().opts<Options>());
