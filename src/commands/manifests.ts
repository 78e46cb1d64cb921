/** Manifests as commands take them: files, folders, and `-` for what comes in on stdin. */
import type { Readable } from 'node:stream';
import { assembleResources, type ReadResult, type Resources } from '../metallb/objects/resources.ts';
import { readManifests } from '../metallb/objects/source.ts';
import { maxJsonLength, readObjects } from '../metallb/objects/yaml.ts';

export interface Manifests {
  resources: Resources;
  /** What cannot be read or is no valid object, a line each. */
  problems: string[];
  /** Nothing of what was named is missing. */
  complete: boolean;
}

/** What stdin is called in messages. */
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
    // a refused object is a problem, too: what is left are files and folders that cannot be read
    complete:
      files.complete &&
      files.problems.length === files.resources.refusals.length &&
      ![...files.results, ...piped].some(isUnreadable),
  };
}

/** Its text could not be parsed: what else it may hold is not known. */
const isUnreadable = ({ refusal }: ReadResult): boolean => refusal?.stage === 'yaml';

const placed = (file: string, line: number | undefined, text: string): string =>
  `${file}${line === undefined ? '' : `:${line}`}: ${text}`;

/** All of it; of too much only so much that the reader of manifests refuses it. */
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
