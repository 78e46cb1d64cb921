import { ConfigError, formatProblem, loadConfig } from '../config.ts';
import { ExitCode } from './exit-code.ts';

/** `peerglass config check FILE`. */
export function configCheck(file: string): void {
  try {
    loadConfig({ file, env: process.env });
    process.stdout.write(`${file}: fine\n`);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const problem of error.problems) process.stderr.write(`${formatProblem(problem)}\n`);
    process.exitCode = ExitCode.config;
  }
}
