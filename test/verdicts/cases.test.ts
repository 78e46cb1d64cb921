/** The worked cases of test/metallb, seen from the router: what they say is sent must be judged ok, and nothing else. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { createCalculator } from '../../src/metallb/calculator.ts';
import { allExpectations } from '../../src/metallb/expectations/expectation-change.ts';
import type { ExpectationTable } from '../../src/metallb/expectations/table.ts';
import { assembleResources, readObject } from '../../src/metallb/objects/read.ts';
import type { BGPMode } from '../../src/metallb/types.ts';
import { Scene } from './scene.ts';

interface Case {
  name: string;
  modes: BGPMode[];
  manifests: unknown[];
  expected: {
    node: string;
    peer: string;
    prefix: string;
    localPref: number | null;
    communities: string[];
    asPath: number[];
  }[];
  options?: { ignoreExcludeLB?: boolean };
}

const file = new URL('../metallb/cases.yaml', import.meta.url);
const cases = (parse(readFileSync(file, 'utf8')) as { cases: Case[] }).cases
  .filter(({ expected, manifests }) => expected.length > 0 && manifests.every((raw) => typeof raw === 'object'))
  .flatMap((row) => row.modes.map((mode) => ({ ...row, mode })));

type Row = (typeof cases)[number];

function tableOf({ manifests, mode, options }: Row): ExpectationTable {
  const ignoreExcludeLB = options?.ignoreExcludeLB ?? false;
  const calculator = createCalculator({
    mode,
    ignoreExcludeLB,
    namespace: 'metallb-system',
    loadBalancerClass: '',
    fieldValidation: 'prune',
  });
  return calculator.update(assembleResources(manifests.map((raw) => readObject({ raw })))).table;
}

/** The cluster of a case with every session up; the routes of the case are announced where `announced`. */
function play(row: Row, announced: boolean): Scene {
  const table = tableOf(row);
  const scene = new Scene({ graceMs: () => 0 });
  scene.engine.setExpectations(table, allExpectations);
  for (const [id, { node, bgpPeer }] of table.sessions.entries()) {
    const remoteAddress = table.nodes.get(node)!.addresses[0]!;
    scene.rib.neighbor(id, { remoteAddress });
    scene.up(id, node, bgpPeer);
    for (const { prefix, communities, localPref, asPath } of announced
      ? row.expected.filter((r) => r.node === node && r.peer === bgpPeer)
      : [])
      scene.announce(id, prefix, {
        localPref,
        asPath,
        med: row.mode === 'native' ? null : 0,
        communities: communities.filter((text) => !text.startsWith('large:')),
        largeCommunities: communities
          .filter((text) => text.startsWith('large:'))
          .map((text) => text.slice('large:'.length)),
        nextHop: prefix.includes(':') ? '2001:db8::11' : remoteAddress,
      });
  }
  return scene.settle();
}

describe('every case with routes, in every mode for which it holds', () => {
  test('has cases', () => expect(cases.length).toBeGreaterThan(50));

  test.each(cases)('$name in $mode mode', (row) => {
    const none = { ok: 0, pending: 0, missing: 0, unexpected: 0, mismatch: 0, stale: 0, suppressed: 0, unknown: 0 };
    expect(play(row, true).engine.summary().verdicts).toEqual({ ...none, ok: row.expected.length });
    expect(play(row, false).engine.summary().verdicts).toEqual({ ...none, missing: row.expected.length });
  });
});
