/** Manifests given to a command: files, folders, and `-` for stdin. */
import type { Readable } from 'node:stream';
import { assembleResources, type ReadResult } from '../metallb/objects/read.ts';
import type { Resources } from '../metallb/objects/resources.ts';
import { readManifests } from '../metallb/objects/source.ts';
import { maxJsonLength, readObjects } from '../metallb/objects/yaml.ts';

export interface Manifests {
  resources: Resources;
  /** Unreadable files and invalid objects, a line each. */
  problems: string[];
  /** Every given file and folder was read in full. */
  complete: boolean;
}

/** Name of stdin in messages. */
const stdinName = 'stdin';

export async function readAll(paths: readonly string[], stdin: Readable): Promise<Manifests> {
  const files = await readManifests(paths.filter((path) => path !== '-'));
  const piped = paths.includes('-') ? [...readObjects(await bytesOf(stdin), stdinName)] : [];
  const problems = files.problems.map(({ file, line, message }) => placed(file, line, message));
  const own = assembleResources(piped).refusals;
  return {
    resources: piped.length === 0 ? files.resources : assembleResources([...files.results, ...piped]),
    problems: [
      ...problems,
      ...own.map(({ object, error }) => placed(stdinName, object.line, `${object.kind}/${object.name}: ${error}`)),
    ],
    // rejected objects are problems, too; any other problem is an unreadable file or folder
    complete:
      files.complete &&
      files.problems.length === files.resources.refusals.length &&
      ![...files.results, ...piped].some(isUnreadable),
  };
}

/** The text could not be parsed, so it may contain more objects. */
const isUnreadable = ({ refusal }: ReadResult): boolean => refusal?.stage === 'yaml';

const placed = (file: string, line: number | undefined, text: string): string =>
  `${file}${line === undefined ? '' : `:${line}`}: ${text}`;

/** The whole input, or just enough of it for `readObjects` to reject its size. */
async function bytesOf(stream: Readable): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(Buffer.from(chunk as Uint8Array | string));
    length += chunks.at(-1)!.length;
    if (length > maxJsonLength) break;
  }
  return Buffer.concat(chunks);
}
