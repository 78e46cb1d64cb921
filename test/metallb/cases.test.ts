import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type ExpectReport, reportJson } from '../../src/metallb/answers/report.ts';
import { createCalculator } from '../../src/metallb/calculator.ts';
import { assembleResources, readObject } from '../../src/metallb/objects/read.ts';
import { readText } from '../../src/metallb/objects/yaml.ts';
import type { BGPMode, ExpectOptions } from '../../src/metallb/types.ts';
import type { MetalLBVersion } from '../../src/metallb/versions.ts';

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
    nextHop: string;
    asPath: number[];
  }[];
  rejects: { stage: string; object: string; error: string; effect: string } | null;
  notAnnounced?: { service: string; node: string; reason: string }[];
  l2?: { service: string; node: string; interfaces: string[] }[];
  versions?: MetalLBVersion[];
  options?: Pick<Partial<ExpectOptions>, 'webhookMode' | 'frrk8sSecretPassthrough' | 'speakers'> & {
    fieldValidation?: string;
    ignoreExcludeLB?: boolean;
  };
}

const rows = ['cases.yaml', 'own-cases.yaml'].flatMap((file) => {
  const { cases } = parse(readFileSync(new URL(file, import.meta.url), 'utf8'), { maxAliasCount: -1 }) as {
    cases: Case[];
  };
  return cases.flatMap((row) =>
    row.modes.flatMap((mode) => (row.versions ?? ['newest' as const]).map((version) => ({ ...row, mode, version }))),
  );
});
const sorted = (list: readonly object[]): string[] => list.map((item) => JSON.stringify(item)).sort();

describe('every case, in every mode for which it holds', () => {
  it('has cases', () => expect(rows.length).toBeGreaterThan(200));

  it.each(rows)('$name in $mode mode, version $version', (row) => {
    const { fieldValidation, ...others } = row.options ?? {};
    const options: ExpectOptions = {
      ignoreExcludeLB: false,
      ...others,
      mode: row.mode,
      version: row.version,
      namespace: 'metallb-system',
      loadBalancerClass: '',
      fieldValidation: fieldValidation === undefined || fieldValidation === 'Strict' ? 'strict' : 'prune',
    };
    const results = row.manifests.flatMap((raw) =>
      typeof raw === 'string' ? readText(raw, 'manifest.yaml') : [readObject({ raw })],
    );
    const { table } = createCalculator(options).update(assembleResources(results));
    const report = JSON.parse([...reportJson(table)].join('')) as ExpectReport;

    const routes = report.expectations.map(({ node, bgpPeer, prefix, localPref, communities, nextHop, asPath }) => ({
      node,
      peer: bgpPeer,
      prefix,
      localPref,
      communities,
      nextHop,
      asPath,
    }));
    expect(sorted(routes)).toEqual(sorted(row.expected));
    for (const { med } of report.expectations) expect(med).toBe(row.mode === 'native' ? null : 0);

    if (row.rejects) {
      expect(report.refusals).toMatchObject([
        { stage: row.rejects.stage, object: row.rejects.object, effect: row.rejects.effect },
      ]);
      expect(report.refusals[0]!.error).toContain(row.rejects.error);
    } else expect(report.refusals).toEqual([]);
    if (row.notAnnounced) {
      const notAnnounced = report.notAnnounced.map(({ service, node, reason }) => ({ service, node, reason }));
      expect(sorted(notAnnounced)).toEqual(sorted(row.notAnnounced));
    }
    if (row.l2) expect(sorted(report.l2)).toEqual(sorted(row.l2));
  });
});
