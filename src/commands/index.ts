/** The command line. Each command loads its own code, so that `--help` loads nothing else. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { isMetalLBVersion, type MetalLBVersion } from '../metallb/versions.ts';
import { version } from '../version.ts';
import { ExitCode } from './exit-code.ts';
import { fail } from './fail.ts';

/** Parses the arguments and runs the command; the process exits with its code. */
export async function run(args: string[]): Promise<void> {
  try {
    await program().parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) return defect(error);
    process.exitCode = error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  }
}

/** Ends the process with the code for "cannot tell": Node's own code, 1, means findings here. */
export function defect(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  for (const line of `internal error: ${text}`.split('\n')) fail(ExitCode.cannotTell, line);
}

function metallbVersion(text: string): MetalLBVersion {
  if (isMetalLBVersion(text)) return text;
  throw new InvalidArgumentError('Use 0.14, 0.15, 0.16, a patch version such as 0.15.0, or newest.');
}

const checkHelp = `
Routes that an overlay rule suppresses are shown and do not fail. With --wait, the command also retries
until the collector answers.

Examples:
  peerglass check --wait 60s --junit report.xml
  peerglass check --service shop/web --wait 2m
  PEERGLASS_TOKEN=… peerglass check --url https://peerglass.example.net --json

Exit codes: 0 all ok, 1 findings, 2 cannot tell (no answer, or verdicts still pending), 64 usage.`;

const expectHelp = `
Examples:
  peerglass expect manifests
  kubectl get -A -o yaml nodes,services,… | peerglass expect - --service shop/web
  peerglass expect new --diff old

Exit codes: 0 ok, 1 rejected objects or violated rules of --overlay (with --diff: differences),
2 cannot tell (unreadable input, or no objects that determine routes), 64 usage.`;

const salvageHelp = `
Reads the file page by page and keeps every readable row. The new database records the lost range of
the journal as a gap. The damaged files are never changed; they are renamed when the new database is
complete. With --output they stay in place. Stop the collector first.

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
    .addHelpText('after', '\nExit codes: 0 ok, 1 findings, 2 cannot tell, 64 usage, 78 invalid configuration.');

  peerglass
    .command('serve')
    .description('run the collector: BGP, REST, live feed, web page')
    .option('-c, --config <file>', 'configuration file; default: $PEERGLASS_CONFIG, then the built-in defaults')
    .option('--single-thread', 'run everything in one thread, for debugging')
    .addHelpText(
      'after',
      '\n`peerglass config reference` prints every key. An environment variable overrides a key:\nPEERGLASS_BGP_ROUTER_ID sets bgp.routerId.',
    )
    .action(async (options) => (await import('./serve.ts')).serve(options));

  peerglass
    .command('check')
    .description('ask a running collector for its verdicts')
    .option('--url <url>', 'URL of the collector', 'http://127.0.0.1:8080')
    .option('--wait <duration>', 'wait this long for pending verdicts to settle', '0s')
    .option('--token <token>', 'bearer token; default: $PEERGLASS_TOKEN')
    .option('--service <namespace/name>', 'only routes of this Service')
    .option('--prefix <prefix>', 'only this prefix')
    .option('--node <name>', 'only routes of this node')
    .option('--bgp-peer <name>', 'only routes to this BGPPeer')
    .option('--json', 'print the verdicts as JSON')
    .option('--junit <file>', 'write a JUnit report')
    .addHelpText('after', checkHelp)
    .action(async (options) => (await import('./check.ts')).check(options));

  peerglass
    .command('expect')
    .description('print the routes that speakers should announce, from manifests alone')
    .argument('<manifests...>', 'files and folders; - reads stdin')
    .option('--diff <old...>', 'print the changes from these manifests: + new, - gone, ~ changed')
    .option('--overlay <file>', 'report rules of this file that the expected routes violate')
    .addOption(
      new Option('--mode <mode>', "the speakers' BGP implementation")
        .choices(['native', 'frr', 'frr-k8s'])
        .default('frr-k8s'),
    )
    .addOption(
      new Option('--webhook-mode <mode>', 'mode of the admission webhook; default: --mode').choices([
        'native',
        'frr',
        'frr-k8s',
        'disabled',
      ]),
    )
    .addOption(
      new Option('--metallb-version <version>', 'MetalLB version, such as 0.15, 0.15.0 or newest')
        .argParser(metallbVersion)
        .default('newest'),
    )
    .option('--namespace <name>', "MetalLB's namespace", 'metallb-system')
    .option('--ignore-exclude-lb', 'the speakers run with --ignore-exclude-lb')
    .option('--load-balancer-class <class>', 'value of the speaker flag --lb-class', '')
    .addOption(
      new Option('--field-validation <how>', 'how the API server treats unknown fields')
        .choices(['strict', 'prune'])
        .default('strict'),
    )
    .option('--node <name>', 'only routes of this node')
    .option('--bgp-peer <name>', 'only routes to this BGPPeer')
    .option('--service <namespace/name>', 'only routes of this Service')
    .option('--prefix <prefix>', 'only this prefix')
    .option('--json', 'print one JSON object, with every route')
    .option('--all', 'list every route; default: more than 10,000 are summarized by Service')
    .addHelpText('after', expectHelp)
    .action(async (manifests, options) => {
      await (await import('./expect.ts')).expect(manifests, options);
      (await import('./end.ts')).endIfHanging(Number(process.exitCode ?? ExitCode.ok));
    });

  const config = peerglass.command('config').description('check and print configurations');
  config
    .command('check')
    .description('report every problem of a configuration and its overlay, with file and line')
    .argument('<file>')
    .action(async (file) => (await import('./config-check.ts')).configCheck(file));
  config
    .command('reference')
    .description('print every key with its default and meaning')
    .action(async () => (await import('./config-reference.ts')).printReference());
  config
    .command('rbac')
    .description('print the RBAC objects that watching a cluster needs, for kubectl apply')
    .option('--namespace <name>', "MetalLB's namespace", 'metallb-system')
    .option('--name <name>', 'name of the ServiceAccount and the roles', 'peerglass')
    .option('--service-account-namespace <name>', 'namespace of the ServiceAccount', 'peerglass')
    .option('--all-namespaces', "read MetalLB's kinds in every namespace, to report objects in the wrong one", false)
    .option('--secrets', "read Secrets in MetalLB's namespace, for expect.kubernetes.secrets", false)
    .option('--openshift', 'read the kinds that only OpenShift has', false)
    .action(async (options) => (await import('./config-rbac.ts')).printRbac(options));

  const db = peerglass.command('db').description('maintain the database');
  db.command('salvage')
    .description('copy every readable row of a damaged database into a new one')
    .argument('<data>', 'data folder or database file')
    .option('--output <file>', 'write the new database here; leave the damaged one in place')
    .addHelpText('after', salvageHelp)
    .action(async (data, options) => (await import('./db-salvage.ts')).dbSalvage(data, options));

  for (const command of [...peerglass.commands, ...config.commands, ...db.commands]) command.exitOverride();
  return peerglass;
}
