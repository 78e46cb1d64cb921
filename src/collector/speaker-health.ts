/** What the speaker thread reports of itself: sessions, tables, connections of unknown addresses. */
import type { Logger } from 'pino';
import type { SpeakerMessage, TableUse } from '../events.ts';
import type { CollectorStatus } from './status.ts';
import { StrangerTable } from './strangers.ts';

export class SpeakerHealth {
  readonly strangers: StrangerTable;
  tables: TableUse[] = [];
  thread: CollectorStatus['threads']['speaker'] = {
    sessions: 0,
    connections: 0,
    refused: 0,
    paused: false,
    unacknowledgedBatches: 0,
    loopDelayMs: 0,
  };

  constructor(log: Logger) {
    this.strangers = new StrangerTable(log);
  }

  /** `now`: epoch ms. */
  take(message: Extract<SpeakerMessage, { kind: 'health' }>, now: number): void {
    const { sessions, connections, refused, paused, unacknowledged, loopDelayMs, tables, strangers } = message;
    this.tables = tables;
    if (strangers) this.strangers.take(strangers, now);
    this.thread = { sessions, connections, refused, paused, unacknowledgedBatches: unacknowledged, loopDelayMs };
  }
}
