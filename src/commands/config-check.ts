import { steadyNow } from '../clock.ts';
import { ConfigError, formatProblem, loadConfig } from '../config.ts';
import { readOverlayFile } from '../overlay/file.ts';
import { ExitCode } from './exit-code.ts';

/** `peerglass config check FILE`: checks the configuration and the overlay that it names. */
export async function configCheck(file: string): Promise<void> {
  try {
    const { overlay } = loadConfig({ file, env: process.env }).expect;
    const { problems } = overlay === null ? { problems: [] } : await readOverlayFile(overlay, steadyNow());
    if (problems.length > 0) throw new ConfigError([...problems]);
    process.stdout.write(`${file}: ok\n`);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const problem of error.problems) process.stderr.write(`${formatProblem(problem)}\n`);
    process.exitCode = ExitCode.config;
  }
}
