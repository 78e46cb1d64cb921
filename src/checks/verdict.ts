/** The JSON of one verdict: sentence, evidence, both sides. Made when a verdict changes or somebody asks. */
import type { ExpectationTable, ExpectedRoute, ObjectRef } from '../metallb/types.ts';
import { formatTime } from '../rib/time.ts';
import type { RibView, RouteHandle } from '../rib/types.ts';
import { fieldNames } from './compare.ts';
import type { Evaluation } from './evaluate.ts';
import type { Pairing } from './pairings.ts';
import { type Circumstances, type ReasonCode, reasons } from './reasons.ts';
import type { Evidence, Verdict } from './types.ts';

/** Objects named as evidence of one verdict: an aggregate can stand for hundreds of services. */
export const maxObjectsAsEvidence = 20;

export interface Subject {
  rib: RibView;
  table: ExpectationTable | null;
  pairing: Pairing;
  prefix: string;
  expected: ExpectedRoute | undefined;
  received: RouteHandle | undefined;
  /** undefined = neither expected nor received. */
  evaluation: Evaluation | undefined;
  /** epoch ms */
  since: number;
}

export function describe(subject: Subject): Verdict {
  const { pairing, prefix, evaluation } = subject;
  const { node, bgpPeer } = pairing;
  const code: ReasonCode = evaluation?.reason ?? 'gone';
  const c = circumstances(subject);
  return {
    prefix,
    neighbor: pairing.neighbor,
    node,
    bgpPeer,
    verdict: reasons[code].verdict,
    fields: fieldNames(c.fields),
    expected: c.expected,
    received: c.received,
    reasonCode: code,
    reasonText: reasons[code].sentence(c),
    evidence: [...evidence(c)],
    since: formatTime(subject.since),
    deadline: c.deadline,
  };
}

function circumstances({ rib, table, pairing, prefix, expected, received, evaluation }: Subject): Circumstances {
  const { node, bgpPeer } = pairing;
  const unexpected = evaluation?.underlying === 'no-expectation' && node !== null && bgpPeer !== null;
  const c: Circumstances = {
    prefix,
    node,
    bgpPeer,
    neighbor: pairing.neighbor === null ? null : (rib.neighbors.get(pairing.neighbor) ?? null),
    expected: expected ?? null,
    received: received ? rib.json(received) : null,
    fields: evaluation?.fields ?? 0,
    underlying: null,
    deadline: evaluation?.deadline ? formatTime(evaluation.deadline) : null,
    whyNot: (unexpected && table?.whyNot(node, bgpPeer, prefix)) || null,
    foreign:
      (evaluation?.reason === 'foreign-prefix' && node !== null && table?.foreign(node, bgpPeer, prefix)) || null,
    staleConfig: (node !== null && table?.nodes.get(node)?.staleConfig) || null,
  };
  if (evaluation && evaluation.underlying !== evaluation.reason)
    c.underlying = reasons[evaluation.underlying].sentence(c);
  return c;
}

function* evidence(c: Circumstances): Generator<Evidence> {
  const objects = new Map<string, Evidence>();
  const refs = c.foreign
    ? [c.foreign]
    : c.whyNot
      ? c.whyNot.objects
      : (c.expected?.chain ?? []).flatMap((link) => link.objects);
  for (const object of refs) {
    if (objects.size === maxObjectsAsEvidence) break;
    const ref = objectText(object);
    objects.set(ref, { kind: 'object', ref, ...where(object) });
  }
  yield* objects.values();
  if (c.received) yield { kind: 'message', ref: String(c.received.seq), text: `received ${c.received.receivedAt}` };
  if (c.neighbor) {
    const { id, state, stateSince, remoteAddress } = c.neighbor;
    yield { kind: 'session', ref: String(id), text: `${remoteAddress} ${state} since ${formatTime(stateSince)}` };
    if (c.neighbor.lastDown && state !== 'established')
      yield { kind: 'time', ref: formatTime(c.neighbor.lastDown.at), text: c.neighbor.lastDown.text };
  }
}

/** `BGPAdvertisement/metallb-system/adv-1` */
const objectText = ({ kind, namespace, name }: ObjectRef): string => [kind, namespace, name].filter(Boolean).join('/');

function where({ file, line }: ObjectRef): { text?: string } {
  if (file === undefined) return {};
  return { text: line === undefined ? file : `${file}:${line}` };
}
