/** `peerglass serve`: runs the collector until a signal stops it. */
import { pino } from 'pino';
import { ConfigError, formatProblem, loadConfig } from '../config.ts';
import { StartError } from '../instance/storage.ts';
import { openInstance } from '../instance.ts';
import { escapeJson } from '../visible.ts';
import { endIfHanging } from './end.ts';
import { ExitCode } from './exit-code.ts';

/** ms that a stop may take: a disk may stall, and Kubernetes kills after 30 s. */
export const maxStopMs = 20_000;

export async function serve(options: { config?: string; singleThread?: boolean }): Promise<void> {
  const config = readConfig(options.config);
  if (config === undefined) return;
  const log = pino({
    base: { collector: config.collector },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level) => ({ level }) },
    // log lines contain text from neighbors and objects
    hooks: { streamWrite: escapeJson },
  });
  const instance = await openInstance(config, { log, singleThread: options.singleThread ?? false }).catch((error) => {
    if (!(error instanceof StartError)) throw error;
    log.fatal({ event: 'process.start-failed' }, error.message);
    process.exit(ExitCode.config);
  });

  let isStopping = false;
  const stop = async (signal: string) => {
    if (isStopping) return;
    isStopping = true;
    log.info({ event: 'process.stop', signal }, `stopping on ${signal}: closing sessions, finishing writes`);
    setTimeout(() => {
      log.fatal({ event: 'process.stop-timeout' }, 'stop timed out; pending writes are lost');
      // process.exit would wait for a thread that is blocked on the disk
      process.kill(process.pid, 'SIGKILL');
    }, maxStopMs);
    await instance.close(`Peerglass stops (${signal})`);
    endIfHanging(ExitCode.ok);
    process.exit(ExitCode.ok);
  };
  process.on('SIGTERM', () => void stop('SIGTERM'));
  process.on('SIGINT', () => void stop('SIGINT'));
  process.on('SIGHUP', () => {
    const next = readConfig(options.config);
    if (next === undefined) process.exitCode = undefined;
    else instance.reload(next);
  });
}

/** The configuration; undefined after printing its problems and setting the exit code. */
function readConfig(file: string | undefined) {
  try {
    return loadConfig({ file, env: process.env });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const problem of error.problems) process.stderr.write(`${formatProblem(problem)}\n`);
    process.exitCode = ExitCode.config;
    return undefined;
  }
}
