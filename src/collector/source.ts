/** What a source of objects is to the collector, whatever it reads: its objects, and how it is. */
import type { Logger } from 'pino';
import type { ReadResult } from '../metallb/objects/read.ts';
import type { Refusal } from '../metallb/types.ts';
import type { SourceStatus } from './status.ts';

export interface ExpectationSource {
  /** Part of `/status`; the source keeps it up to date. */
  readonly status: SourceStatus;
  /** The last state that is believed; unchanged objects are the same objects as before. */
  readonly results: Iterable<ReadResult>;
  /** Hears what became of all objects of all sources; its own refused ones are problems of it. */
  judged(refusals: readonly Refusal[]): void;
  close(): void;
}

type Problem = SourceStatus['problems'][number];

/** What problems are about. They are shown in this order. */
const aspects = ['gone', 'empty', 'unreadable', 'refused'] as const;
type Aspect = (typeof aspects)[number];

/** The problems of one source: each aspect replaces its own, and what is new is logged. */
export class SourceProblems {
  readonly #status: SourceStatus;
  readonly #log: Logger;
  readonly #byAspect = new Map<Aspect, readonly Problem[]>();

  constructor(status: SourceStatus, log: Logger) {
    this.#status = status;
    this.#log = log;
  }

  set(aspect: Aspect, problems: readonly Problem[]): void {
    if (problems.length === 0 && !this.#byAspect.get(aspect)?.length) return;
    if (aspect === 'gone' && problems.length === 0)
      this.#log.info({ event: 'cr.back' }, `${this.#status.name} can be read again`);
    this.#byAspect.set(aspect, problems);
    const known = new Set(this.#status.problems.map(({ text }) => text));
    // what cannot be read as an object is refused as well: once is enough
    const unreadable = new Set((this.#byAspect.get('unreadable') ?? []).map(placeOf));
    this.#status.problems = aspects.flatMap((each) => {
      const own = this.#byAspect.get(each) ?? [];
      return each === 'refused' ? own.filter((problem) => !unreadable.has(placeOf(problem))) : own;
    });
    for (const { file, line, text } of this.#status.problems)
      if (!known.has(text)) this.#log.warn({ event: 'cr.problem', file, line }, text);
  }
}

const placeOf = ({ file, line }: Problem): string => `${file}:${line}`;

/** An object that MetalLB would refuse, as a problem of its source. */
export function refusalProblem({ object, stage, error, effect }: Refusal): Problem {
  const { kind, name, file, line } = object;
  const text = `${kind}/${name} is refused (${stage}): ${error}; ${effect}`;
  return { file: file ?? `${kind}/${name}`, ...(line !== undefined && { line }), text };
}
