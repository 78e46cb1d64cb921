/**
 * Golden vectors: octets that another implementation made, and what they mean.
 *
 * `NAME.hex` holds one message a line, `#` begins a comment; the first comment says who made the octets. A line
 * `# neighbor: internal` says that they came over iBGP. `NAME.json` beside it is the list of meanings.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { UpdateContext } from '../../src/wire/context.ts';
import { toHex } from '../../src/wire/hex.ts';
import { decodeMessage } from '../../src/wire/message.ts';
import { decodeUpdate } from '../../src/wire/update.ts';
import { hex } from './hex.ts';

export interface Golden {
  name: string;
  internal: boolean;
  messages: Uint8Array[];
  expected: unknown[];
}

/** All vectors of a directory. @throws when there are none, or a message has no meaning beside it. */
export function loadGolden(directory: string): Golden[] {
  const files = readdirSync(directory).filter((name) => name.endsWith('.hex'));
  if (files.length === 0) throw new Error(`no golden vectors in ${directory}`);
  return files.map((file) => {
    const text = readFileSync(join(directory, file), 'utf8');
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const expected = JSON.parse(readFileSync(join(directory, file.replace('.hex', '.json')), 'utf8')) as unknown[];
    if (lines.length === 0 || lines.length !== expected.length)
      throw new Error(`${file}: ${lines.length} messages, ${expected.length} meanings`);
    return {
      name: file.replace('.hex', ''),
      internal: /^# neighbor: internal$/m.test(text),
      messages: lines.map(hex),
      expected,
    };
  });
}

/** A session that agreed on everything we announce. */
export function everything(ibgp: boolean): UpdateContext {
  return { as4: true, ibgp, ipv4: true, ipv6: true, addPath4: false, addPath6: false, extendedNextHop: true };
}

/** A message as the JSON of a vector: octets as hex, attributes that are not on the wire left out. */
export function meaning(bytes: Uint8Array, context: UpdateContext): unknown {
  const message = decodeMessage(bytes, 0, bytes.length);
  const value =
    message.kind === 'update' ? { kind: 'update', ...decodeUpdate(bytes, 0, bytes.length, context) } : message;
  return JSON.parse(
    JSON.stringify(value, (_, it) => {
      if (it instanceof Uint8Array) return toHex(it);
      if (it !== null && typeof it === 'object' && 'asPath' in it)
        return Object.fromEntries(
          Object.entries(it).filter(([key, item]) => key === 'asPath' || (item !== null && !isEmptyList(item))),
        );
      return it;
    }),
  );
}

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
