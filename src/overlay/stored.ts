/** The API's rules: one JSON file in the data folder, replaced atomically and durably. */
import { readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fromWall, toWall } from '../clock.ts';
import { type OverlayProblem, readRules } from './read.ts';
import type { OverlayRule } from './rule.ts';

export const storedName = 'overlay.json';

export interface StoredRules {
  rules: readonly OverlayRule[];
  /** epoch ms of the last PUT; null: none. */
  updatedAt: number | null;
  problems: readonly OverlayProblem[];
}

/** Loads the rules of an earlier run; rules that are invalid in this version become problems. */
export function loadStored(file: string, now: number): StoredRules {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const isNew = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const problems = isNew ? [] : [{ file, text: `cannot read the file: ${(error as Error).message}` }];
    return { rules: [], updatedAt: null, problems };
  }
  try {
    const { updatedAt, rules: written } = JSON.parse(text) as { updatedAt: number; rules: unknown };
    const { rules, problems } = readRules({ rules: written }, file, now);
    return { rules, updatedAt: fromWall(updatedAt), problems };
  } catch (error) {
    return {
      rules: [],
      updatedAt: null,
      problems: [{ file, text: `the file is damaged: ${(error as Error).message}` }],
    };
  }
}

/** Resolves when the rules would survive a power failure. Throws the disk's error. */
export async function keepStored(file: string, rules: readonly OverlayRule[], updatedAt: number): Promise<void> {
  const beside = `${file}.new`;
  const handle = await open(beside, 'w', 0o600);
  try {
    await handle.writeFile(
      `${JSON.stringify({ updatedAt: toWall(updatedAt), rules: rules.map(({ written }) => written) }, null, 1)}\n`,
    );
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(beside, file);
  const folder = await open(dirname(file));
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
