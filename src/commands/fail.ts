import { ExitCode } from './exit-code.ts';

/** Says what went wrong; the process ends with `code` when it is through. */
export function fail(code: number, text: string): void {
  process.stderr.write(`${text}\n`);
  process.exitCode = code;
}

/** The command line itself is wrong. */
export const usage = (text: string): void => fail(ExitCode.usage, text);
