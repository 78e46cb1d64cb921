import { visible } from '../visible.ts';
import { ExitCode } from './exit-code.ts';

/** Writes a line to stderr. */
export function say(text: string): void {
  process.stderr.write(`${visible(text)}\n`);
}

/** Reports an error and sets the exit code. */
export function fail(code: number, text: string): void {
  say(text);
  process.exitCode = code;
}

/** Reports an invalid command line. */
export const usage = (text: string): void => fail(ExitCode.usage, text);
