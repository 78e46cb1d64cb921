/** Sessions that go down whenever the objects change (MetalLB issues 2049, 1944 and 1715). */

import { count, names } from '../../metallb/problems/words.ts';
import type { ObjectEdit } from '../history.ts';
import type { Check, Facts, Finds } from '../types.ts';
import { sessionEvidence, subject, title, who } from '../words.ts';

/** An edit takes the debounce and the reload to get there, ms (MetalLB waits 3 s, in frr-k8s mode twice). */
const reachMs = { native: 3_000, frr: 10_000, 'frr-k8s': 15_000 } as const;
/** Ends that must coincide before it is no accident. */
const leastEnds = 3;
/** Of all ends of the session, and of all time: where edits never stop everything coincides with one. */
const leastShare = 0.75;
const mostTimeCovered = 0.3;

/** A change of a Service or an advertisement should not reset a session; bugs in reloads, and objects that fight, do. */
export const resetsWithEdits: Check = {
  code: 'resets-with-edits',
  severity: 'warning',
  title: 'Session resets with every edit',
  looksFor: 'sessions that go down within seconds of edits of services, pools or advertisements.',
  find,
};

function* find({ rib, history, options, now, startedAt }: Facts): Finds {
  const { edits } = history;
  if (edits.length === 0) return;
  const reach = reachMs[options.mode];
  const first = Math.max(startedAt, edits[0]!.at);
  if (timeCovered(edits, reach) > (now - first) * mostTimeCovered) return;
  for (const neighbor of rib.neighbors.values()) {
    yield;
    const ends = history.ends(neighbor.id).filter(({ wasUp, at }) => wasUp && at >= first);
    if (ends.length < leastEnds) continue;
    const causes = ends.flatMap(({ at }) => lastBefore(edits, at, reach) ?? []);
    if (causes.length < leastEnds || causes.length < ends.length * leastShare) continue;
    const objects = new Map(causes.map(({ object }) => [`${object.kind}/${object.namespace}/${object.name}`, object]));
    // an edit of the peering itself is meant to end the session
    if ([...objects.values()].every(({ kind }) => kind === 'BGPPeer' || kind === 'BFDProfile')) continue;
    yield {
      ...subject(neighbor),
      text:
        `The session of ${who(neighbor)} went down ${count(ends.length, 'time')} since ` +
        `${new Date(first).toISOString()}, ` +
        `${causes.length} of them within ${reach / 1000} s of an edit ` +
        `(${names([...objects.values()].map(title), 3)}). Last: ${ends.at(-1)!.text}.`,
      hint:
        'Edits of Services and advertisements should not end sessions. Check the reload in the log of ' +
        'the FRR container on the node, ' +
        'update MetalLB (old versions reset sessions or BFD at every reload), and check whether two objects ' +
        'conflict there.',
      evidence: sessionEvidence(neighbor),
    };
  }
}

/** The last edit within `reach` before `at`. */
function lastBefore(edits: readonly ObjectEdit[], at: number, reach: number): ObjectEdit | undefined {
  return edits.findLast((edit) => edit.at <= at && edit.at >= at - reach);
}

/** Time within `reach` after some edit, ms. */
function timeCovered(edits: readonly ObjectEdit[], reach: number): number {
  let covered = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const { at } of edits) {
    covered += at + reach - Math.max(at, Math.min(until, at + reach));
    until = at + reach;
  }
  return covered;
}
