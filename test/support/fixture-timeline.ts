/** The past of the made-up cluster: what happened to one prefix. See fixture-data.ts. */
import type { TimelineEntry } from '../../src/api/schemas.ts';
import type { Fixture } from './fixture-data.ts';
import { minute, stamp } from './fixture-neighbors.ts';

/** Newest first: an edit three hours ago that took it away, its undoing, a session that went. */
export function makeTimeline({ now, verdicts }: Fixture, prefix: string): TimelineEntry[] {
  const own = verdicts.filter((verdict) => verdict.prefix === prefix && verdict.expected);
  if (own.length === 0) return [];
  const advertisement = {
    kind: 'BGPAdvertisement',
    namespace: 'metallb-system',
    name: 'to-the-racks',
    file: 'manifests/advertisements.yaml',
    line: 1,
  };
  const none = { node: null, bgpPeer: null, neighbor: null, seq: null, evidence: [] };
  const edit = now - 183 * minute;
  const undo = now - 171 * minute;
  const changed = (at: number, from: string | null, to: string | null, by: string | null): TimelineEntry => ({
    ...none,
    at: stamp(at),
    kind: 'object',
    text: `BGPAdvertisement to-the-racks was changed${by === null ? '' : ` by ${by}`}: spec.nodeSelectors ${from ?? 'nothing'} → ${to ?? 'nothing'} (manifests/advertisements.yaml:14).`,
    detail: {
      action: 'changed',
      object: { ...advertisement, line: 14 },
      source: 'manifests',
      fields: ['spec.nodeSelectors'],
      changes: [{ path: 'spec.nodeSelectors', from, to }],
      moreFields: 0,
      by,
      resourceVersion: null,
      times: 1,
      until: stamp(at),
      away: false,
    },
  });
  const expected = (at: number, action: 'expected' | 'no-longer-expected'): TimelineEntry => ({
    ...none,
    at: stamp(at),
    kind: 'expectation',
    text: `${prefix} is ${action === 'expected' ? 'expected' : 'no longer expected'} from 16 sessions of 8 nodes, because BGPAdvertisement to-the-racks was changed.`,
    detail: {
      action,
      because: [advertisement],
      moreBecause: 0,
      fields: [],
      occasion: 'change',
      sessions: { count: own.length, examples: [], nodes: own.length / 2 },
    },
  });
  const entries: TimelineEntry[] = [
    changed(edit, null, '[{"matchLabels":{"rack":"none"}}]', 'kubectl-edit'),
    expected(edit + 12, 'no-longer-expected'),
    changed(undo, '[{"matchLabels":{"rack":"none"}}]', null, null),
    expected(undo + 14, 'expected'),
  ];
  for (const [i, { node, bgpPeer, neighbor }] of own.entries()) {
    const where = { ...none, node, bgpPeer, neighbor };
    const route = (at: number, action: 'announced' | 'withdrawn', seq: number): TimelineEntry => ({
      ...where,
      at: stamp(at),
      kind: 'route',
      seq,
      text: `${node} ${action === 'announced' ? 'announces it to' : 'withdraws it from'} ${bgpPeer}.`,
      detail: { action, fields: [] },
    });
    entries.push(
      route(edit + 1_400 + i * 90, 'withdrawn', 41_000 + i),
      route(undo + 1_900 + i * 70, 'announced', 41_500 + i),
    );
  }
  const first = own[0]!;
  const who = { node: first.node, bgpPeer: first.bgpPeer, neighbor: first.neighbor };
  entries.push(
    {
      ...none,
      ...who,
      at: stamp(now - 40 * minute),
      kind: 'session',
      text: `The session of ${first.node} to ${first.bgpPeer} ended.`,
      detail: { from: 'established', to: 'idle', reason: 'It shut the session down: “node drain”' },
      evidence: [{ kind: 'session', ref: String(first.neighbor), text: 'cease/administrative-shutdown' }],
    },
    {
      ...none,
      ...who,
      at: stamp(now - 40 * minute + 200),
      kind: 'verdict',
      text: `${prefix} from ${first.node} to ${first.bgpPeer}: missing.`,
      detail: {
        from: 'ok',
        to: 'missing',
        reasonCode: 'session-down',
        reasonText: 'The session that should bring it is down.',
        fields: [],
      },
    },
    {
      ...none,
      ...who,
      at: stamp(now - 31 * minute),
      kind: 'session',
      text: `The session of ${first.node} to ${first.bgpPeer} is established.`,
      detail: { from: 'open-confirm', to: 'established', reason: null },
    },
    {
      ...none,
      ...who,
      at: stamp(now - 31 * minute + 900),
      kind: 'verdict',
      text: `${prefix} from ${first.node} to ${first.bgpPeer}: ok.`,
      detail: {
        from: 'missing',
        to: 'ok',
        reasonCode: 'as-expected',
        reasonText: 'It is announced as expected.',
        fields: [],
      },
    },
  );
  return entries.sort((a, b) => b.at.localeCompare(a.at));
}
