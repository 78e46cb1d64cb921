import { describe, expect, it } from 'vitest';
import type { Verdict, VerdictWord } from '../../src/checks/types.ts';
import { Findings } from '../../src/collector/findings.ts';

const verdict = (word: VerdictWord, prefix = '203.0.113.1/32') =>
  ({ prefix, node: 'a', bgpPeer: 'tor', neighbor: 1, verdict: word }) as Verdict;
const change = (from: VerdictWord | null, to: VerdictWord | null, prefix?: string) => ({
  from,
  to,
  verdict: verdict(to ?? 'ok', prefix),
});

describe('findings', () => {
  it('open, change and close', () => {
    const findings = new Findings(7);
    const life = [
      findings.apply([change(null, 'pending')], 100),
      findings.apply([change('pending', 'missing')], 200),
      findings.apply([change('missing', 'ok')], 300),
    ].map((writes) => writes.map(({ id, since, until, verdict: { verdict } }) => [id, verdict, since, until]));
    expect(life).toEqual([
      [[7, 'pending', 100, null]],
      [
        [7, 'pending', 100, 200],
        [8, 'missing', 200, null],
      ],
      [[8, 'missing', 200, 300]],
    ]);
  });

  it('keep their start when only the reason changes', () => {
    const findings = new Findings(1);
    findings.apply([change(null, 'missing')], 100);
    expect(findings.apply([change('missing', 'missing')], 200)).toMatchObject([{ id: 1, since: 100, until: null }]);
  });

  it('are bounded: those beyond are counted, and there is room again when one closes', () => {
    const findings = new Findings(1, 2);
    const on = (n: number, to: VerdictWord, from: VerdictWord | null = null) =>
      findings.apply([change(from, to, `203.0.113.${n}/32`)], 100).length;
    expect([on(1, 'missing'), on(2, 'missing'), on(3, 'missing')]).toEqual([1, 1, 0]);
    expect(findings.dropped).toBe(1);
    // closes one, and changes that of which nothing is kept
    expect([on(1, 'ok', 'missing'), on(3, 'ok', 'missing'), on(4, 'missing')]).toEqual([1, 0, 1]);
  });

  it('of different prefixes do not touch each other', () => {
    const findings = new Findings(1);
    findings.apply([change(null, 'missing')], 100);
    expect(findings.apply([change(null, 'unexpected', '203.0.113.2/32')], 200)).toHaveLength(1);
  });

  it('what is ok from the start is no finding', () => {
    expect(new Findings(1).apply([change(null, 'ok')], 100)).toEqual([]);
  });
});
