/** How refusals are put: the stage, what it does, and texts of a sane length. */
import type { Problem } from './codes.ts';
import type { ObjectRef, Refusal } from './types.ts';

/** Up to and including the webhook. */
export const notCreated = 'the object is not created; what was there before stays in force';
/** Beyond what Peerglass reads. */
export const leftOut = 'what is expected does not take it into account';
/** A configuration that speakers do not take. */
export const keepsLast =
  'speakers keep the last valid config (none at first start); with no earlier valid config nothing is advertised';

/** Characters of an error; it may quote what somebody wrote. */
export const maxErrorLength = 1_000;

export function refusal(
  stage: Refusal['stage'],
  object: ObjectRef,
  { code, error }: Problem,
  effect = notCreated,
  nodes: string[] = [],
): Refusal {
  return { code, stage, object, error: clip(error, maxErrorLength), effect, nodes };
}

/** The first `length` characters, with a mark where something is cut. */
export function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`;
}
