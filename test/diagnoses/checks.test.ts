/**
 * Every check by its table in `checks/`, row by row: what it finds, and where it is silent although the situation is
 * close.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checks } from '../../src/diagnoses/index.ts';
import type { Check, Facts, Trouble } from '../../src/diagnoses/types.ts';
import { lintCodes } from '../../src/metallb/codes.ts';
import { type Case, factsOf } from './facts.ts';

const tools = new Set(['advertisement-pairs', 'cluster', 'from-lint', 'index', 'lost-options', 'rule', 'words']);
const objectCodes = new Set(codesIn('../../src/metallb/problems').filter((name) => !tools.has(name)));
/** Rules about single fields have tables of their own in test/metallb/lint. */
const tested = checks.filter(({ code }) => !(code in lintCodes) || objectCodes.has(code));
const sources = [...codesIn('../../src/diagnoses/checks'), ...objectCodes];
const tables = new Map<string, readonly Case[]>();
for (const code of codesIn('checks')) tables.set(code, (await import(`./checks/${code}.ts`)).cases);

/** Names of the files of a folder, without `.ts`. */
function codesIn(folder: string): string[] {
  return readdirSync(join(import.meta.dirname, folder)).map((file) => file.replace(/\.ts$/, ''));
}

const troublesOf = (check: Check, facts: Facts): Trouble[] =>
  [...check.find(facts)].filter((trouble) => trouble !== undefined);

describe.each(tested)('$code', (check) => {
  it.each(tables.get(check.code) ?? [])('$name', ({ given, found, severity }) => {
    const troubles = troublesOf(check, factsOf(given));
    expect(troubles.map(({ text }) => text)).toEqual(
      found.map((part) => (typeof part === 'string' ? expect.stringContaining(part) : expect.stringMatching(part))),
    );
    if (severity !== undefined) expect(troubles[0]?.severity).toBe(severity);
    for (const { text, hint } of troubles) {
      for (const sentence of [text, hint]) expect(sentence).toMatch(/^[A-Z0-9a-z].*\.$/);
      expect(text + hint).not.toMatch(/undefined|null|NaN|\[object|(of|on|from|by|are|\() ?none\b/);
    }
  });

  it('finds nothing where nothing is known', () => {
    expect(troublesOf(check, factsOf({}))).toEqual([]);
  });
});

describe('the catalog', () => {
  const codes = tested.map(({ code }) => code).sort();

  it('has each code once, in a file of that name that exports nothing else', async () => {
    expect(sources.sort()).toEqual(codes);
    for (const check of tested) {
      const exported = objectCodes.has(check.code)
        ? await import(`../../src/metallb/problems/${check.code}.ts`)
        : await import(`../../src/diagnoses/checks/${check.code}.ts`);
      expect(Object.values(exported)).toMatchObject([{ code: check.code }]);
    }
  });

  it('has a table for each check, with rows that find something and rows that are silent', () => {
    expect([...tables.keys()].sort()).toEqual(codes);
    const lacking = [...tables].filter(
      ([, cases]) => !cases.some(({ found }) => found.length > 0) || !cases.some(({ found }) => found.length === 0),
    );
    expect(lacking.map(([code]) => code)).toEqual([]);
  });

  it('says in plain words what it looks for', () => {
    for (const { code, title, looksFor } of checks) {
      expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(title).toMatch(/^[A-Za-z]/);
      expect(looksFor).toMatch(/\.$/);
    }
  });
});
