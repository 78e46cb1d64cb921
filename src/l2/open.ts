/** Layer 2 as one unit: the thread, the watcher that judges its observations, and the log. */
import type { Logger } from 'pino';
import type { ExpectationTable } from '../metallb/expectations/table.ts';
import { startL2 } from './client.ts';
import { L2Log } from './log.ts';
import type { L2Config } from './plan.ts';
import { type L2View, L2Watch } from './watch.ts';

/** Speakers follow objects at once; a dead node leaves the memberlist within seconds, and its successor announces. */
const graceAutoMs = 10_000;

export interface L2Options {
  config: L2Config;
  /** ms */
  grace: number | 'auto';
  singleThread: boolean;
  log: Logger;
  /** epoch ms */
  now: () => number;
}

export interface L2 {
  view: L2View;
  setExpectations(table: ExpectationTable | null): void;
  /** Does the work that is due. Call it a few times a second. */
  tick(): void;
  stop(): Promise<void>;
}

export function openL2({ config, grace, singleThread, log, now }: L2Options): L2 {
  const lines = new L2Log(log);
  const watch = new L2Watch({
    config,
    graceMs: grace === 'auto' ? graceAutoMs : grace,
    post: (command) => client.post(command),
    now,
    onChange: (change) => lines.changed(change, now()),
  });
  let said = '';
  const client = startL2({
    singleThread,
    onMessage(message) {
      if (message.kind === 'failed') log.error({ event: 'l2.failed' }, message.text);
      if (message.kind === 'hearing') {
        const text = message.hearing.map((one) => `${one.name}: ${one.text}`).join(' ');
        if (text !== said && text !== '') log.info({ event: 'l2.hearing' }, `layer 2 on ${text}`);
        said = text;
      }
      watch.onMessage(message);
    },
  });
  return {
    view: watch,
    setExpectations: (table) => watch.setExpectations(table),
    tick: () => watch.tick(),
    stop: () => client.stop(),
  };
}
