import { visible } from '../visible.ts';
import { ExitCode } from './exit-code.ts';

/** A line on stderr. */
export function say(text: string): void {
  process.stderr.write(`${visible(text)}\n`);
}

/** Says what went wrong; the process ends with `code` when it is through. */
export function fail(code: number, text: string): void {
  say(text);
  process.exitCode = code;
}

/** The command line itself is wrong. */
export const usage = (text: string): void => fail(ExitCode.usage, text);
