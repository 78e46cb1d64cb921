/** From the hand-written overlay to the engine: its rules in force, its row in `/status`, and words in the log. */
import type { Logger } from 'pino';
import { type Overlay, openOverlay } from '../overlay/overlay.ts';
import type { OverlayRule } from '../overlay/rule.ts';
import type { SourceStatus } from './status.ts';

export interface OverlaySourceOptions {
  /** Absolute path of `expect.overlay`; null = only what the API is given. */
  file: string | null;
  /** Data folder, where rules that were put are kept. */
  folder: string;
  log: Logger;
  /** epoch ms */
  now: () => number;
  /** Gets a row once there is something to say of the overlay; part of `/status`. */
  statuses: SourceStatus[];
  onRules: (rules: readonly OverlayRule[]) => void;
}

/** Reads both layers and watches the file. Rules that expire are the engine's affair; here they become problems. */
export async function watchOverlay({
  file,
  folder,
  log,
  now,
  statuses,
  onRules,
}: OverlaySourceOptions): Promise<Overlay> {
  const status: SourceStatus = {
    name: file ?? 'overlay',
    kind: 'overlay',
    synced: false,
    readAt: null,
    objects: 0,
    problems: [],
    kinds: null,
  };
  let given: readonly OverlayRule[] = [];
  return openOverlay({
    file,
    folder,
    now,
    onChange(overlay) {
      const { rules } = overlay;
      const { problems } = overlay.view(now());
      const known = new Set(status.problems.map(({ text }) => text));
      Object.assign(status, {
        synced: overlay.synced,
        readAt: overlay.readAt,
        objects: rules.length,
        problems,
      } satisfies Partial<SourceStatus>);
      if (!statuses.includes(status) && (file !== null || rules.length > 0 || problems.length > 0))
        statuses.push(status);
      for (const { file: place, line, path, text } of problems)
        if (!known.has(text)) log.warn({ event: 'overlay.problem', file: place, line, path }, text);
      if (JSON.stringify(rules) === JSON.stringify(given)) return;
      given = rules;
      log.info({ event: 'overlay.rules', rules: rules.length }, `the overlay has ${rules.length} rules`);
      onRules(rules);
    },
  });
}
