import { describe, expect, it } from 'vitest';
import { Findings, maxKeptItems, maxKeptText } from '../../src/collector/findings.ts';
import { maxPieceBytes, maxPieceRows } from '../../src/store/messages.ts';
import type { Verdict, VerdictWord, WrongRow } from '../../src/verdicts/types.ts';

const verdict = (word: VerdictWord, prefix = '203.0.113.1/32') =>
  ({ prefix, node: 'a', bgpPeer: 'tor', neighbor: 1, verdict: word, rule: null, reasonText: '' }) as Verdict;
const wrongRow = (prefix: string): WrongRow => ({
  prefix,
  ...{ node: 'a', bgpPeer: 'tor', neighbor: 1, rule: null, word: 'missing' },
  verdict: () => ({ ...verdict('missing', prefix), rule: null, since: new Date(5_000).toISOString() }),
});
const change = (from: VerdictWord | null, to: VerdictWord | null, prefix?: string) => ({
  from,
  to,
  verdict: verdict(to ?? 'ok', prefix),
});

/** What `findings` has for the store, as `id word since until to`; `-` where the database has the row already. */
const taken = (findings: Findings): string[] => {
  const rows: string[] = [];
  for (let piece = findings.take(); piece?.kind === 'findings'; piece = findings.take())
    for (const { id, until, to, row } of piece.findings)
      rows.push([id, row?.word ?? '-', row?.since ?? '-', until, to].join(' '));
  return rows;
};

describe('findings', () => {
  it('open, change and close', () => {
    const findings = new Findings(7);
    const life = [[change(null, 'pending')], [change('pending', 'missing')], [change('missing', 'ok')]].map(
      (changes, i) => {
        findings.apply(changes, 100 * (i + 1));
        return taken(findings);
      },
    );
    expect(life).toEqual([['7 pending 100  '], ['7 - - 200 missing', '8 missing 200  '], ['8 - - 300 ok']]);
  });

  it('that wait for the store are written once, as they are by then', () => {
    const findings = new Findings(1);
    findings.apply([change(null, 'missing')], 100);
    for (let i = 0; i < 1_000; i++) findings.apply([change('missing', 'missing')], 200);
    findings.apply([change('missing', 'ok')], 300);
    expect(taken(findings)).toEqual(['1 missing 100 300 ok']);
  });

  it('keep their start when only the reason changes', () => {
    const findings = new Findings(1);
    findings.apply([change(null, 'missing')], 100);
    taken(findings);
    findings.apply([change('missing', 'missing')], 200);
    expect(taken(findings)).toEqual(['1 missing 100  ']);
  });

  it('beyond maxOpenFindings are not listed until one closes', () => {
    const findings = new Findings(1, 2);
    const on = (n: number, to: VerdictWord, from: VerdictWord | null = null) => {
      findings.apply([change(from, to, `203.0.113.${n}/32`)], 100);
      return taken(findings).length;
    };
    expect([on(1, 'missing'), on(2, 'missing'), on(3, 'missing')]).toEqual([1, 1, 0]);
    expect(findings.listed).toBe(2);
    // closes one, and changes one that is not listed
    expect([on(1, 'ok', 'missing'), on(3, 'ok', 'missing'), on(4, 'missing')]).toEqual([1, 0, 1]);
  });

  it('are at most maxWaitingFindings while the store does not take them', () => {
    const findings = new Findings(1, 100, 2);
    findings.apply(
      Array.from({ length: 9 }, (_, n) => change(null, 'missing', `203.0.113.${n}/32`)),
      100,
    );
    expect(findings.listed).toBe(2);
    expect(taken(findings)).toHaveLength(2);
  });

  it('that were not listed are, once there is room', () => {
    const findings = new Findings(1, 3);
    const rows = Array.from({ length: 5 }, (_, n) => wrongRow(`203.0.113.${n}/32`));
    findings.refill(() => rows.values());
    expect([findings.listed, taken(findings)]).toEqual([
      3,
      ['1 missing 5000  ', '2 missing 5000  ', '3 missing 5000  '],
    ]);
    findings.apply([change('missing', 'ok', '203.0.113.0/32')], 6_000);
    findings.refill(() => rows.values());
    expect(taken(findings)).toEqual(['1 - - 6000 ok', '4 missing 5000  ']);
  });

  it('come to the store in pieces of bounded size, with lists up to maxKeptItems and texts up to maxKeptText', () => {
    const findings = new Findings(1);
    const long = {
      communities: Array.from({ length: 15_000 }, (_, i) => `65000:${i}`),
      unknown: [{ raw: 'f'.repeat(120_000) }],
    };
    findings.apply(
      Array.from({ length: maxPieceRows + 1 }, (_, n) => {
        const one = change(null, 'unexpected', `10.0.${n >> 8}.${n & 255}/32`);
        return { ...one, verdict: { ...one.verdict, reasonText: 'x'.repeat(100_000), received: long as never } };
      }),
      100,
    );
    const sizes: number[] = [];
    let rows = 0;
    for (let piece = findings.take(); piece?.kind === 'findings'; piece = findings.take()) {
      sizes.push(JSON.stringify(piece).length);
      rows += piece.findings.length;
      expect(piece.findings.length).toBeLessThanOrEqual(maxPieceRows);
      for (const { row } of piece.findings) {
        const { reasonText, received } = JSON.parse(row!.verdict);
        expect([reasonText.length, received.communities.length]).toEqual([maxKeptText + 1, maxKeptItems]);
      }
    }
    expect(rows).toBe(maxPieceRows + 1);
    expect(Math.max(...sizes)).toBeLessThan(2 * maxPieceBytes);
  });

  it('of different prefixes do not touch each other', () => {
    const findings = new Findings(1);
    findings.apply([change(null, 'missing')], 100);
    findings.apply([change(null, 'unexpected', '203.0.113.2/32')], 200);
    expect(taken(findings)).toEqual(['1 missing 100  ', '2 unexpected 200  ']);
  });

  it('what is ok from the start is no finding', () => {
    const findings = new Findings(1);
    findings.apply([change(null, 'ok')], 100);
    expect(taken(findings)).toEqual([]);
  });
});
