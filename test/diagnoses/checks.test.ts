/** Every check, row by row: what it finds, and where it is silent although the situation is close. */
import { describe, expect, it } from 'vitest';
import { checks } from '../../src/diagnoses/index.ts';
import type { Facts, Trouble } from '../../src/diagnoses/types.ts';
import { advertisementCases } from './cases/advertisements.ts';
import { nodeCases } from './cases/nodes.ts';
import { objectCases } from './cases/objects.ts';
import { passwordCases } from './cases/passwords.ts';
import { recentCases } from './cases/recent.ts';
import { routeCases } from './cases/routes.ts';
import { sessionCases } from './cases/sessions.ts';
import { speakerCases } from './cases/speakers.ts';
import { type Case, factsOf } from './facts.ts';

const tables: Record<string, Case[]> = {
  ...objectCases,
  ...advertisementCases,
  ...nodeCases,
  ...sessionCases,
  ...speakerCases,
  ...passwordCases,
  ...routeCases,
  ...recentCases,
};

const troublesOf = (code: string, facts: Facts): Trouble[] =>
  [...checks.find((check) => check.code === code)!.find(facts)].filter((trouble) => trouble !== undefined);

describe.each(Object.entries(tables))('%s', (code, cases) => {
  it.each(cases)('$name', ({ given, found, severity }) => {
    const troubles = troublesOf(code, factsOf(given));
    expect(troubles.map(({ text }) => text)).toEqual(
      found.map((part) => (typeof part === 'string' ? expect.stringContaining(part) : expect.stringMatching(part))),
    );
    if (severity !== undefined) expect(troubles[0]?.severity).toBe(severity);
    for (const { text, hint } of troubles) {
      for (const sentence of [text, hint]) expect(sentence).toMatch(/^[A-Z0-9a-z].*\.$/);
      expect(text + hint).not.toMatch(/undefined|null|NaN|\[object|(of|on|from|by|are|\() ?none\b/);
    }
  });
});

describe('the catalog', () => {
  it('has a table for each check, with rows that find something and rows that are silent', () => {
    const without = checks.filter(
      ({ code }) =>
        !tables[code]?.some(({ found }) => found.length > 0) || !tables[code].some(({ found }) => found.length === 0),
    );
    expect(without.map(({ code }) => code)).toEqual([]);
    expect(Object.keys(tables).filter((code) => !checks.some((check) => check.code === code))).toEqual([]);
  });

  it('has one row for each code, in plain words', () => {
    expect(new Set(checks.map(({ code }) => code)).size).toBe(checks.length);
    for (const { code, title, looksFor } of checks) {
      expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(title).toMatch(/^[A-Za-z]/);
      expect(looksFor).toMatch(/\.$/);
    }
  });

  it.each(checks)('$code finds nothing where nothing is known', ({ code }) => {
    expect(troublesOf(code, factsOf({}))).toEqual([]);
  });
});
