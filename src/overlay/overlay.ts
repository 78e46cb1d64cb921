/**
 * The hand-written overlay: two layers of rules, from the configured file and from the API. A rule of the API replaces
 * the file's rule with the same id, so that operators can act before the file is reviewed. When it is removed, the
 * file's rule returns.
 */

import { join } from 'node:path';
import { toWall } from '../clock.ts';
import { type FileState, type OverlayFile, watchOverlayFile } from './file.ts';
import type { OverlayProblem } from './read.ts';
import type { OverlayRule } from './rule.ts';
import { keepStored, loadStored, type StoredRules, storedName } from './stored.ts';

export type Layer = 'file' | 'api';

export interface LayeredRule {
  rule: OverlayRule;
  layer: Layer;
  /** A rule of the API with the same id replaces it. */
  replaced: boolean;
  expired: boolean;
}

export interface OverlayView {
  rules: LayeredRule[];
  /** The configured file; null: none. */
  file: string | null;
  /** epoch ms of the last PUT; null: none. */
  updatedAt: number | null;
  problems: OverlayProblem[];
}

/** The overlay's interface for the API. */
export interface OverlayAccess {
  view(now: number): OverlayView;
  /**
   * Replaces the API's rules. They are durable and in effect when it resolves. Throws the disk's error.
   * @param isCurrent called when all earlier calls are done; if it returns false, Outdated is thrown.
   */
  put(rules: readonly OverlayRule[], now: number, isCurrent?: (view: OverlayView) => boolean): Promise<void>;
}

/** The rules changed since the client read them. */
export class Outdated extends Error {}

export interface OverlayOptions {
  /** Absolute path; null: none configured. */
  file: string | null;
  /** Data folder. */
  folder: string;
  now: () => number;
  /** Called when rules or problems changed. */
  onChange: (overlay: Overlay) => void;
}

/** Reads both layers and watches the file. */
export async function openOverlay(options: OverlayOptions): Promise<Overlay> {
  const overlay = new Overlay(options);
  await overlay.start();
  return overlay;
}

export class Overlay implements OverlayAccess {
  readonly #options: OverlayOptions;
  readonly #storedFile: string;
  #stored: StoredRules;
  #fromFile: FileState = { rules: [], problems: [], readAt: null };
  #file: OverlayFile | undefined;
  #putting: Promise<void> = Promise.resolve();
  /** Wall time (epoch ms) at which the next rule expires. */
  #nextExpiry = Infinity;

  constructor(options: OverlayOptions) {
    this.#options = options;
    this.#storedFile = join(options.folder, storedName);
    this.#stored = loadStored(this.#storedFile, options.now());
  }

  async start(): Promise<void> {
    const { file, now } = this.#options;
    if (file === null) return this.#changed();
    this.#file = await watchOverlayFile(file, now, (state) => {
      this.#fromFile = state;
      this.#changed();
    });
  }

  /** Rules of both layers, each id once, with expired ones. */
  get rules(): readonly OverlayRule[] {
    const put = new Set(this.#stored.rules.map(({ id }) => id));
    return [...this.#stored.rules, ...this.#fromFile.rules.filter(({ id }) => !put.has(id))];
  }

  /** True once the file was read, or if none is configured. */
  get synced(): boolean {
    return this.#options.file === null || this.#fromFile.readAt !== null;
  }

  /** epoch ms of the last read of either layer. */
  get readAt(): number | null {
    return Math.max(this.#fromFile.readAt ?? 0, this.#stored.updatedAt ?? 0) || null;
  }

  view(now: number): OverlayView {
    const put = new Set(this.#stored.rules.map(({ id }) => id));
    const wall = toWall(now);
    const isExpired = ({ expires }: OverlayRule): boolean => expires !== null && expires <= wall;
    const layer = (name: Layer, rules: readonly OverlayRule[]): LayeredRule[] =>
      rules.map((rule) => ({
        rule,
        layer: name,
        replaced: name === 'file' && put.has(rule.id),
        expired: isExpired(rule),
      }));
    return {
      rules: [...layer('api', this.#stored.rules), ...layer('file', this.#fromFile.rules)],
      file: this.#options.file,
      updatedAt: this.#stored.updatedAt,
      problems: [
        ...this.#fromFile.problems,
        ...this.#stored.problems,
        ...this.rules.filter(isExpired).map((rule) => expiredProblem(rule, this.#storedFile)),
      ],
    };
  }

  put(
    rules: readonly OverlayRule[],
    now: number,
    isCurrent: (view: OverlayView) => boolean = () => true,
  ): Promise<void> {
    const done = this.#putting.then(async () => {
      if (!isCurrent(this.view(now))) throw new Outdated();
      await keepStored(this.#storedFile, rules, now);
      this.#stored = { rules, updatedAt: now, problems: [] };
      this.#changed();
    });
    this.#putting = done.catch(() => {});
    return done;
  }

  /** Reports rules that have expired. Call it regularly. */
  tick(): void {
    if (toWall(this.#options.now()) >= this.#nextExpiry) this.#changed();
  }

  /** Reads the file now. */
  async refresh(): Promise<void> {
    await this.#file?.refresh();
  }

  async close(): Promise<void> {
    this.#file?.close();
    await this.#putting;
  }

  #changed(): void {
    const now = toWall(this.#options.now());
    const coming = this.rules.flatMap(({ expires }) => (expires !== null && expires > now ? [expires] : []));
    this.#nextExpiry = Math.min(Infinity, ...coming);
    this.#options.onChange(this);
  }
}

function expiredProblem({ id, rule, expires, owner, place }: OverlayRule, storedFile: string): OverlayProblem {
  const text = `rule ${id} (${rule}) of ${owner} expired at ${new Date(expires!).toISOString()}: renew or remove it`;
  return { file: storedFile, ...place, text };
}
