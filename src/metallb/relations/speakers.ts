/**
 * Where speakers run, the gate before all gates: Kubernetes decides it, not MetalLB. What is known counts, in this
 * order: the Pods that are there; what the configuration of Peerglass says; what the operator is asked for; else the
 * DaemonSet as MetalLB ships it.
 */
import type { Labels, Node, Pod, Resources } from '../objects/resources.ts';
import type { BGPMode, ExpectOptions, Reason, SpeakerPlacement } from '../types.ts';

type Toleration = SpeakerPlacement['tolerations'][number];

/** Why nothing is announced from a node, whatever the objects say; undefined where it has what it takes. */
export type WhyNoSpeaker = (node: Node) => Reason | undefined;

/** Names of the roles by which Pods are told, in Helm's labels and in those of the plain manifests. */
const roleLabels = ['app.kubernetes.io/component', 'component'];
const roleOf = (labels: Labels): string | undefined =>
  roleLabels.map((label) => labels[label]).find((role) => role !== undefined);
const nameOf = (labels: Labels): string | undefined => labels['app.kubernetes.io/name'] ?? labels['app'];

/** Is it a Pod of the speakers' DaemonSet? Those are in MetalLB's namespace. */
export const isSpeakerPod = ({ ref, labels }: Pod, namespace: string): boolean =>
  ref.namespace === namespace && roleOf(labels) === 'speaker' && nameOf(labels) !== 'frr-k8s';

/** Is it a Pod of frr-k8s' DaemonSet? In which namespace that is, is the installation's choice. */
export const isFrrK8sPod = ({ labels }: Pod): boolean => roleOf(labels) === 'frr-k8s';

/** What decides for the nodes of this snapshot. */
export function whyNoSpeakerIn(resources: Resources, options: ExpectOptions): WhyNoSpeaker {
  const { namespace, mode } = options;
  const pods = [...resources.Pod.values()];
  const speakers = pods.filter((pod) => isSpeakerPod(pod, namespace));
  const bySpeaker = speakers.length > 0 ? byPods(speakers, 'speaker') : byPlacement(placementOf(resources, options));
  const daemons = needsFrrK8s(mode) ? pods.filter(isFrrK8sPod) : [];
  const byDaemon = daemons.length > 0 ? byPods(daemons, 'frr-k8s') : undefined;
  return (node) => bySpeaker(node) ?? byDaemon?.(node);
}

const needsFrrK8s = (mode: BGPMode): boolean => mode === 'frr-k8s';

const reasonOf = { speaker: 'noSpeaker', 'frr-k8s': 'noFRRK8s' } as const;

/**
 * A Pod that is bound to a node and meant to stay counts, also while it does not run yet or fails again and again:
 * then something is announced too little, and that is what is to be found out.
 */
function byPods(pods: readonly Pod[], what: keyof typeof reasonOf): WhyNoSpeaker {
  const staying = new Set<string>();
  const leaving = new Map<string, Pod>();
  for (const pod of pods) {
    const { node, phase, terminating } = pod.spec;
    if (terminating) leaving.set(node, pod);
    else if (phase !== 'Failed' && phase !== 'Succeeded') staying.add(node);
  }
  return ({ ref: { name } }) => {
    if (staying.has(name)) return undefined;
    const pod = leaving.get(name);
    const instead = pod ? `: its Pod ${pod.ref.name} is being deleted` : '';
    return { reason: reasonOf[what], text: `no ${what} runs on node ${name}${instead}` };
  };
}

interface Placement {
  /** Labels that a node must have; undefined = linux, where the label says. */
  readonly nodeSelector: Labels | undefined;
  readonly tolerations: readonly Toleration[];
}

function placementOf({ MetalLB }: Resources, { speakers, namespace }: ExpectOptions): Placement {
  if (speakers) return { nodeSelector: speakers.nodeSelector, tolerations: [...shipped, ...speakers.tolerations] };
  const operator = [...MetalLB.values()].find(({ ref }) => ref.namespace === namespace);
  if (!operator) return { nodeSelector: undefined, tolerations: shipped };
  return {
    nodeSelector: operator.spec.nodeSelector,
    tolerations: [...shipped, ...operator.spec.speakerTolerations],
  };
}

function byPlacement({ nodeSelector = {}, tolerations }: Placement): WhyNoSpeaker {
  return ({ ref: { name }, labels, spec }) => {
    const noSpeaker = (text: string): Reason => ({ reason: 'noSpeaker', text });
    const os = labels['kubernetes.io/os'];
    if (os !== undefined && os !== 'linux') return noSpeaker(`the speaker runs on linux only, node ${name} has ${os}`);
    const wanted = Object.entries(nodeSelector).find(
      // a Node written down without its operating system stands for a real one
      ([key, value]) => labels[key] !== value && key !== 'kubernetes.io/os',
    );
    if (wanted)
      return noSpeaker(`the speaker runs on nodes labelled ${wanted.join('=')} only, which node ${name} is not`);
    const taint = spec.taints.find(
      (one) => effectsThatKeepAway.has(one.effect) && !tolerations.some((toleration) => tolerates(toleration, one)),
    );
    if (taint) return noSpeaker(`the taint ${taint.key}:${taint.effect} keeps the speaker off node ${name}`);
    return undefined;
  };
}

const effectsThatKeepAway = new Set(['NoSchedule', 'NoExecute']);

/** Of MetalLB's DaemonSet; the conditions of a node are tolerated by every DaemonSet, since Kubernetes sees to it. */
const shipped: readonly Toleration[] = [
  ...['node-role.kubernetes.io/master', 'node-role.kubernetes.io/control-plane'].map((key) => ({
    key,
    operator: 'Exists' as const,
    value: '',
    effect: 'NoSchedule',
  })),
  ...[
    'not-ready',
    'unreachable',
    'disk-pressure',
    'memory-pressure',
    'pid-pressure',
    'unschedulable',
    'network-unavailable',
  ].map((condition) => ({
    key: `node.kubernetes.io/${condition}`,
    operator: 'Exists' as const,
    value: '',
    effect: '',
  })),
];

/** As the scheduler compares them. */
function tolerates(toleration: Toleration, taint: Node['spec']['taints'][number]): boolean {
  if (toleration.effect !== '' && toleration.effect !== taint.effect) return false;
  if (toleration.key === '') return toleration.operator === 'Exists';
  if (toleration.key !== taint.key) return false;
  return toleration.operator === 'Exists' || toleration.value === taint.value;
}
