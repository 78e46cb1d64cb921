/** The command line. Each command loads its own code: `--help` must not open a database. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { isMetalLBVersion, type MetalLBVersion } from '../metallb/versions.ts';
import { version } from '../version.ts';
import { ExitCode } from './exit-code.ts';
import { fail } from './fail.ts';

/** Parses and runs; the process exits with the command's code. A defect is never taken for findings. */
export async function run(args: string[]): Promise<void> {
  try {
    await program().parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) return defect(error);
    process.exitCode = error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  }
}

/** Ends the process with the code for "cannot tell": Node's own, 1, would say that there are findings. */
export function defect(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  for (const line of `internal error: ${text}`.split('\n')) fail(ExitCode.cannotTell, line);
}

function metallbVersion(text: string): MetalLBVersion {
  if (isMetalLBVersion(text)) return text;
  throw new InvalidArgumentError('Allowed are 0.14, 0.15, 0.16, a patch of those such as 0.15.0, and newest.');
}

const checkHelp = `
What is suppressed by a rule of the overlay is shown and does not fail. With --wait, a collector that
does not answer yet is asked again, too.

Examples:
  peerglass check --wait 60s --junit report.xml
  peerglass check --service shop/web --wait 2m
  PEERGLASS_TOKEN=… peerglass check --url https://peerglass.example.net --json

Exit codes: 0 all ok, 1 findings, 2 cannot tell (nobody answers, or not everything is settled), 64 usage.`;

const expectHelp = `
Examples:
  peerglass expect manifests
  kubectl get -A -o yaml nodes,services,… | peerglass expect - --service shop/web
  peerglass expect new --diff old

Exit codes: 0 fine, 1 something is refused or breaks a rule of --overlay (with --diff: something is different),
2 cannot tell (something cannot be read, or there is nothing to tell of), 64 usage.`;

const salvageHelp = `
Reads the file page by page and keeps every row that can be read. The range that the journal lost is a
gap in the new database. The damaged files are moved aside when the new database is complete, and never
changed; with --output they stay where they are. Stop the collector first.

Examples:
  peerglass db salvage data
  peerglass db salvage data --output salvaged.db

Exit codes: 0 nothing lost, 1 something lost, 2 cannot salvage, 64 usage.`;

function program(): Command {
  const peerglass = new Command('peerglass')
    .description('The router-side witness for Kubernetes clusters that announce services by BGP with MetalLB.')
    .version(version)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', '\nExit codes: 0 fine, 1 findings, 2 cannot tell, 64 usage, 78 configuration.');

  peerglass
    .command('serve')
    .description('run the collector: BGP, REST, live feed, web page')
    .option('-c, --config <file>', 'configuration; default $PEERGLASS_CONFIG, else embedded defaults')
    .option('--single-thread', 'all stages in one thread (for debugging)')
    .addHelpText(
      'after',
      '\nKeys: `peerglass config reference`. Each can be a variable: PEERGLASS_BGP_ROUTER_ID for bgp.routerId.\nRelative paths in the configuration count from its own folder.',
    )
    .action(async (options) => (await import('./serve.ts')).serve(options));

  peerglass
    .command('check')
    .description('ask a running collector for its verdicts: 0 all ok, 1 findings, 2 could not tell')
    .option('--url <url>', 'where it runs', 'http://127.0.0.1:8080')
    .option('--wait <duration>', 'give pending verdicts this long to settle', '0s')
    .option('--token <token>', 'bearer token; default $PEERGLASS_TOKEN')
    .option('--service <namespace/name>', 'only routes of this Service')
    .option('--prefix <prefix>', 'only this prefix')
    .option('--node <name>', 'only this node')
    .option('--bgp-peer <name>', 'only what goes to this BGPPeer')
    .option('--json', 'print the verdicts as JSON')
    .option('--junit <file>', 'write a JUnit report')
    .addHelpText('after', checkHelp)
    .action(async (options) => (await import('./check.ts')).check(options));

  peerglass
    .command('expect')
    .description('what the speakers of these manifests should announce; no collector needed')
    .argument('<manifests...>', 'files and directories; - is stdin')
    .option('--diff <old...>', 'say what would change from these manifests on: + appears, - disappears, ~ changes')
    .option('--overlay <file>', 'hold the hand-written rules of this file against what would be announced')
    .addOption(
      new Option('--mode <mode>', "the speakers' BGP implementation")
        .choices(['native', 'frr', 'frr-k8s'])
        .default('frr-k8s'),
    )
    .addOption(
      new Option('--webhook-mode <mode>', 'mode by which the admission webhook judges; default: --mode').choices([
        'native',
        'frr',
        'frr-k8s',
        'disabled',
      ]),
    )
    .addOption(
      new Option('--metallb-version <version>', 'version of MetalLB, where its rules differ: 0.15, 0.15.0, newest')
        .argParser(metallbVersion)
        .default('newest'),
    )
    .option('--namespace <name>', "MetalLB's namespace", 'metallb-system')
    .option('--ignore-exclude-lb', 'the speakers run with --ignore-exclude-lb')
    .option('--load-balancer-class <class>', 'the speakers run with --lb-class', '')
    .addOption(
      new Option('--field-validation <how>', 'what the API server does with unknown fields')
        .choices(['strict', 'prune'])
        .default('strict'),
    )
    .option('--node <name>', 'only what this node does')
    .option('--bgp-peer <name>', 'only what goes to this BGPPeer')
    .option('--service <namespace/name>', 'only what comes from this Service')
    .option('--prefix <prefix>', 'only this prefix')
    .option('--json', 'print one JSON object, with every route')
    .option('--all', 'list every route; without it, text sums up more than 10,000 by Service')
    .addHelpText('after', expectHelp)
    .action(async (manifests, options) => {
      await (await import('./expect.ts')).expect(manifests, options);
      (await import('./end.ts')).endIfHanging(Number(process.exitCode ?? ExitCode.ok));
    });

  const config = peerglass.command('config').description('about the configuration');
  config
    .command('check')
    .description('every problem of a configuration and of its overlay at once, with file, line and path')
    .argument('<file>')
    .action(async (file) => (await import('./config-check.ts')).configCheck(file));
  config
    .command('reference')
    .description('every key with its default and its meaning, as a configuration file')
    .action(async () => (await import('./config-reference.ts')).printReference());
  config
    .command('rbac')
    .description('the rights that watching a cluster takes and no others, as objects for kubectl apply')
    .option('--namespace <name>', "MetalLB's namespace", 'metallb-system')
    .option('--name <name>', 'of the ServiceAccount and the roles', 'peerglass')
    .option('--service-account-namespace <name>', 'where the ServiceAccount is', 'peerglass')
    .option('--all-namespaces', "MetalLB's kinds in every namespace: points out objects in a wrong one", false)
    .option('--secrets', "the Secrets in MetalLB's namespace, for expect.kubernetes.secrets", false)
    .option('--openshift', 'the kinds that only OpenShift has', false)
    .action(async (options) => (await import('./config-rbac.ts')).printRbac(options));

  const db = peerglass.command('db').description('about the database');
  db.command('salvage')
    .description('keep every readable row of a damaged database in a new one')
    .argument('<data>', 'data folder, or the database itself')
    .option('--output <file>', 'write the new database here and leave the damaged one in place')
    .addHelpText('after', salvageHelp)
    .action(async (data, options) => (await import('./db-salvage.ts')).dbSalvage(data, options));

  for (const command of [...peerglass.commands, ...config.commands, ...db.commands]) command.exitOverride();
  return peerglass;
}
