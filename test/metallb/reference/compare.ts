/**
 * Made-up clusters, and what the code of MetalLB and frr-k8s answered for each: their CRD schemas, CEL rules and
 * webhooks, one speaker per node, and frr-k8s. `main.jsonl.gz` has MetalLB 7938d3f8 with frr-k8s 0.0.25;
 * `releases.jsonl.gz` has 0.16.1 (0.0.25), 0.15.3 (0.0.21) and 0.14.9 (0.0.16).
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type ExpectationRow, type ExpectReport, reportJson } from '../../../src/metallb/answers/report.ts';
import { createCalculator } from '../../../src/metallb/calculator.ts';
import { assembleResources, readObject } from '../../../src/metallb/objects/read.ts';
import type { BGPMode } from '../../../src/metallb/types.ts';
import type { MetalLBVersion } from '../../../src/metallb/versions.ts';

/** localPref null: not sent (eBGP). */
type Row = [
  node: string,
  bgpPeer: string,
  prefix: string,
  localPref: number | null,
  communities: string[],
  asPath: number[],
];

export interface ReferenceCluster {
  name: string;
  mode: BGPMode;
  version?: MetalLBVersion;
  /** In the order of application; a later object of the same kind, namespace and name is an edit. */
  manifests: { kind: string; metadata: { namespace?: string; name: string } }[];
  /** Routes that MetalLB wants and the node's BGP daemon sends. */
  expected: Row[];
  /** Routes to BGPPeers' neighbors that only FRRConfigurations of others announce. */
  foreign: Row[];
  /** Applications that the API server or a webhook rejected; `index` is that in `manifests`. */
  refused: { index: number; stage: string }[];
  /**
   * Nodes that do not follow. `config`: the speaker could not parse the configuration. `frr-k8s-admission`: the
   * webhook of frr-k8s rejected the speaker's FRRConfiguration. `frr-k8s`: frr-k8s could not merge what it has.
   */
  nodes: { node: string; stage: 'config' | 'frr-k8s-admission' | 'frr-k8s' }[];
  /** For BGP; without Services of another class and nodes without a configuration. */
  notAnnounced: [service: string, node: string, reason: string][];
  /** No interface = all. */
  l2: [service: string, node: string, interfaces: string[]][];
}

export const readClusters = (file: string): ReferenceCluster[] =>
  gunzipSync(readFileSync(new URL(file, import.meta.url)))
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as ReferenceCluster);

function answerOf({ manifests, mode, version }: ReferenceCluster): ExpectReport {
  const calculator = createCalculator({
    mode,
    ...(version && { version }),
    namespace: 'metallb-system',
    ignoreExcludeLB: false,
    loadBalancerClass: '',
    fieldValidation: 'strict',
    appliesOnce: true,
  });
  const { table } = calculator.update(assembleResources(manifests.map((raw) => readObject({ raw }))));
  return JSON.parse([...reportJson(table)].join('')) as ExpectReport;
}

/** Lines that only one side has (`-` the reference, `+` Peerglass), by kind of answer; empty when both agree. */
export function differencesOf(cluster: ReferenceCluster): Record<string, string[]> {
  const answer = answerOf(cluster);
  const isConfigured = notConfigured(cluster);
  const found: Record<string, string[]> = {};
  for (const [kind, reference, own] of [
    ['expected', cluster.expected.map(referenceRow), answer.expectations.map(ownRow)],
    ['rejected', rejectedIn(cluster), rejectedBy(answer)],
    ['nodes', [...new Set(cluster.nodes.map(({ node }) => node))], nodesIn(answer)],
    ['notAnnounced', cluster.notAnnounced.map((one) => one.join(' ')), notAnnouncedBy(answer, isConfigured)],
    ['l2', cluster.l2.map(l2Text), answer.l2.map((one) => l2Text([named(one.service), one.node, one.interfaces]))],
  ] as const) {
    const lines = [
      ...without(reference, own).map((one) => `- ${one}`),
      ...without(own, reference).map((one) => `+ ${one}`),
    ];
    if (lines.length > 0) found[kind] = lines;
  }
  return found;
}

const rowText = (...row: Row): string =>
  JSON.stringify(row.map((cell, i) => (i === 4 ? [...(cell as string[])].sort() : cell)));
const referenceRow = (row: Row): string => rowText(...row);
const ownRow = (row: ExpectationRow): string =>
  rowText(row.node, row.bgpPeer, row.prefix, row.localPref, row.communities, row.asPath);

/** Stages of the API server; later ones are those of speakers and daemons. */
const admission = new Set(['schema', 'webhook', 'yaml']);

const keyText = (kind: string, namespace: string | undefined, name: string): string =>
  `${kind}/${namespace ?? ''}/${name}`;

/** Objects whose last application was rejected. */
function rejectedIn({ manifests, refused }: ReferenceCluster): string[] {
  const keys = manifests.map(({ kind, metadata }) => keyText(kind, metadata.namespace, metadata.name));
  return [...new Set(refused.flatMap(({ index }) => (keys.lastIndexOf(keys[index]!) === index ? [keys[index]!] : [])))];
}

const rejectedBy = ({ refusals }: ExpectReport): string[] => [
  ...new Set(
    refusals
      .filter(({ stage }) => admission.has(stage))
      .map(({ object, namespace }) => keyText(object.split('/')[0]!, namespace, object.split('/').at(-1)!)),
  ),
];

const nodesIn = ({ refusals }: ExpectReport): string[] => [
  ...new Set(refusals.filter(({ stage }) => !admission.has(stage)).flatMap(({ nodes }) => nodes)),
];

function notConfigured({ nodes }: ReferenceCluster): (node: string) => boolean {
  const names = new Set(nodes.filter(({ stage }) => stage === 'config').map(({ node }) => node));
  return (node) => !names.has(node);
}

const notAnnouncedBy = ({ notAnnounced }: ExpectReport, isConfigured: (node: string) => boolean): string[] =>
  notAnnounced
    .filter(({ reason, node }) => reason !== 'loadBalancerClass' && (reason !== 'noConfig' || isConfigured(node)))
    .map(({ service, node, reason }) => [named(service), node, reason].join(' '));

const l2Text = ([service, node, interfaces]: [string, string, string[]]): string =>
  `${service} ${node} ${[...interfaces].sort()}`;
const named = (service: string): string => (service.includes('/') ? service : `default/${service}`);

function without(lines: readonly string[], others: readonly string[]): string[] {
  const rest = [...others];
  return lines.filter((line) => {
    const at = rest.indexOf(line);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}
