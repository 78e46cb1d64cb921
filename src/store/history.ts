/**
 * Writes what the cluster's objects were and what was expected because of them. Sets of sessions and of prefixes are
 * kept once, however many changes are about them: a node that goes takes ten thousand routes with it in one row.
 */
import { createHash } from 'node:crypto';
import type { Statement } from 'better-sqlite3';
import { type Prefix, parseAddress, parsePrefix } from '../ip.ts';
import type { Difference, SessionSet } from '../metallb/answers/differences.ts';
import type { ObjectRef } from '../metallb/types.ts';
import { type Db, toMicros } from './database.ts';

export interface FieldChange {
  /** As in a manifest: `spec.localPref`, `metadata.labels.app`. */
  path: string;
  /** Short text of a value; null = it was not there. */
  from: string | null;
  to: string | null;
}

export type ObjectAction = 'created' | 'changed' | 'deleted';

/** One change of one object, or several of one that changes all the time; written again when another one joins it. */
export interface ObjectChangeWrite {
  id: number;
  /** epoch ms of the first and of the last of them. */
  at: number;
  lastAt: number;
  times: number;
  occasion: Exclude<Occasion, 'first'>;
  action: ObjectAction;
  object: ObjectRef;
  /** `namespace/name` */
  key: string;
  source: string;
  resourceVersion: string | null;
  manager: string | null;
  fields: FieldChange[];
  /** Fields that changed beyond those. */
  moreFields: number;
  /** Addresses of the Service that it is about. */
  addresses: string[];
  /** Of a hand-written rule: the prefix that it names. */
  prefix?: string;
}

/** An object as it is now, as JSON; null = it is gone. */
export interface ObjectState {
  kind: string;
  key: string;
  content: string | null;
}

/** Why a set of changes is one: nothing was known before; it happened while no collector ran; it was seen to happen. */
export type Occasion = 'first' | 'away' | 'change';

/** What one reading of the sources did to the expectations. */
export interface ChangeSetWrite {
  id: number;
  /** epoch ms */
  at: number;
  occasion: Occasion;
  /** Ids of its object changes, and how many there are beyond those. */
  objects: number[];
  moreObjects: number;
  differences: { difference: Difference; prefixes: string[] }[];
  /** Prefixes that may differ beyond those. */
  unrecordedPrefixes: number;
}

/** What becomes of the objects that are held: those kept so far are, before anything else of the command; or none are. */
export type Hold = 'begin' | 'end';

export type HistoryCommand =
  | { kind: 'objects'; changes: ObjectChangeWrite[]; states: ObjectState[]; hold?: Hold }
  | { kind: 'expectation-changes'; set: ChangeSetWrite };

/** Family and octets of an address: in order, those in one prefix stand together. */
export const addressKey = (bytes: Uint8Array): Buffer => Buffer.from([bytes.length === 4 ? 4 : 6, ...bytes]);

/** A prefix itself, apart from all addresses. */
export const prefixKey = ({ family, bytes, length }: Prefix): Buffer => Buffer.from([0x80 | family, ...bytes, length]);

/** Keys of the first and the last address in a prefix. */
export function addressRange({ bytes, length }: Prefix): { low: Buffer; high: Buffer } {
  const last = bytes.map((octet, i) => octet | (0xff >> Math.min(8, Math.max(0, length - 8 * i))));
  return { low: addressKey(bytes), high: addressKey(last) };
}

export class HistoryWriter {
  readonly #insertChange: Statement;
  readonly #insertAddress: Statement;
  readonly #putObject: Statement;
  readonly #deleteObject: Statement;
  readonly #release: Statement;
  readonly #hold: Statement;
  readonly #insertSet: Statement;
  readonly #insertDifference: Statement;
  readonly #findSessions: Statement;
  readonly #insertSessions: Statement;
  readonly #findPrefixes: Statement;
  readonly #insertPrefixes: Statement;
  readonly #insertMember: Statement;

  constructor(db: Db) {
    this.#insertChange = db.prepare(
      'INSERT OR REPLACE INTO object_changes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.#insertAddress = db.prepare('INSERT OR IGNORE INTO object_addresses VALUES (?, ?)');
    this.#putObject = db.prepare(
      'INSERT INTO objects (kind, key, content) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET content = excluded.content',
    );
    this.#deleteObject = db.prepare('DELETE FROM objects WHERE kind = ? AND key = ?');
    this.#release = db.prepare('DELETE FROM held_objects');
    this.#hold = db.prepare(
      'INSERT INTO held_objects (kind, key, content) SELECT kind, key, content FROM objects ORDER BY id',
    );
    this.#insertSet = db.prepare('INSERT OR REPLACE INTO change_sets VALUES (?, ?, ?, ?, ?, ?)');
    this.#insertDifference = db.prepare(
      'INSERT INTO expectation_changes (change_set, at, action, fields, session_set, prefix_set) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#findSessions = db.prepare('SELECT id FROM session_sets WHERE digest = ?').pluck();
    this.#insertSessions = db.prepare('INSERT INTO session_sets (digest, count, blocks) VALUES (?, ?, ?)');
    this.#findPrefixes = db.prepare('SELECT id FROM prefix_sets WHERE digest = ?').pluck();
    this.#insertPrefixes = db.prepare('INSERT INTO prefix_sets (digest, count) VALUES (?, ?)');
    this.#insertMember = db.prepare('INSERT INTO prefix_set_members VALUES (?, ?)');
  }

  write(command: HistoryCommand): void {
    if (command.kind === 'expectation-changes') {
      this.#writeSet(command.set);
      return;
    }
    if (command.hold) this.#release.run();
    if (command.hold === 'begin') this.#hold.run();
    for (const change of command.changes) this.#writeChange(change);
    for (const { kind, key, content } of command.states)
      if (content === null) this.#deleteObject.run(kind, key);
      else this.#putObject.run(kind, key, content);
  }

  #writeChange(change: ObjectChangeWrite): void {
    const { id, object } = change;
    this.#insertChange.run(
      id,
      toMicros(change.at),
      toMicros(change.lastAt),
      change.times,
      change.occasion,
      change.action,
      object.kind,
      change.key,
      change.source,
      object.file ?? null,
      object.line ?? null,
      change.resourceVersion,
      change.manager,
      JSON.stringify(change.fields),
      change.moreFields,
    );
    for (const text of change.addresses) {
      const bytes = parseAddress(text);
      if (bytes) this.#insertAddress.run(addressKey(bytes), id);
    }
    const prefix = change.prefix === undefined ? undefined : parsePrefix(change.prefix);
    if (prefix) this.#insertAddress.run(prefixKey(prefix), id);
  }

  #writeSet({ id, at, occasion, objects, moreObjects, differences, unrecordedPrefixes }: ChangeSetWrite): void {
    this.#insertSet.run(id, toMicros(at), occasion, JSON.stringify(objects), moreObjects, unrecordedPrefixes);
    for (const { difference, prefixes } of differences) {
      const { action, fields, sessions } = difference;
      const [sessionSet, prefixSet] = [this.#sessionSet(sessions), this.#prefixSet(prefixes)];
      this.#insertDifference.run(id, toMicros(at), action, JSON.stringify(fields), sessionSet, prefixSet);
    }
  }

  #sessionSet({ count, blocks }: SessionSet): number | bigint {
    const text = JSON.stringify(blocks);
    const digest = digestOf(text);
    return (
      (this.#findSessions.get(digest) as number | undefined) ??
      this.#insertSessions.run(digest, count, text).lastInsertRowid
    );
  }

  #prefixSet(prefixes: readonly string[]): number | bigint {
    const sorted = [...prefixes].sort();
    const digest = digestOf(sorted.join('\n'));
    const known = this.#findPrefixes.get(digest) as number | undefined;
    if (known !== undefined) return known;
    const { lastInsertRowid } = this.#insertPrefixes.run(digest, sorted.length);
    for (const prefix of sorted) this.#insertMember.run(prefix, lastInsertRowid);
    return lastInsertRowid;
  }
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** An object as an earlier run kept it. */
export interface KeptObject {
  kind: string;
  key: string;
  content: string;
}

/** What an earlier run left. */
export interface RestoredHistory {
  /** The objects as they were read last, in the order in which they were first seen. */
  objects: KeptObject[];
  /** Those of before, of which something was in force still; none = everything went by `objects`. */
  held: KeptObject[];
  nextObjectChange: number;
  nextChangeSet: number;
}

export function restoreHistory(db: Db): RestoredHistory {
  const next = (table: string): number =>
    db.prepare(`SELECT coalesce(max(id), 0) + 1 FROM ${table}`).pluck().get() as number;
  const kept = (table: string): KeptObject[] =>
    db.prepare(`SELECT kind, key, content FROM ${table} ORDER BY id`).all() as KeptObject[];
  return {
    objects: kept('objects'),
    held: kept('held_objects'),
    nextObjectChange: next('object_changes'),
    nextChangeSet: next('change_sets'),
  };
}
