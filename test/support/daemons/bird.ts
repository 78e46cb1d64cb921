/** A real BIRD: static routes announced over BGP. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, run, start } from '../processes.ts';
import { until } from '../wait.ts';

export interface Bird {
  /** Replaces the configuration file and tells BIRD to read it. */
  configure(text: string): Promise<void>;
  /** `birdc` with one command; answers its output. */
  command(...words: string[]): Promise<string>;
  kill(): Promise<void>;
  /** Starts BIRD again after `kill`, with another configuration when one is given. */
  start(text?: string): Promise<void>;
  stop(): Promise<void>;
  log(): string;
}

/** Starts bird in the foreground with `text` as configuration. A `local` port other than 179 keeps it from needing that one. */
export async function startBird(text: string): Promise<Bird> {
  const directory = mkdtempSync(join(tmpdir(), 'bird-'));
  const file = join(directory, 'bird.conf');
  const control = join(directory, 'bird.ctl');
  let child: Child;
  const birdc = (...words: string[]): Promise<string> => run(['birdc', '-s', control, ...words]);

  async function launch(): Promise<void> {
    rmSync(control, { force: true });
    child = start(['bird', '-f', '-c', file, '-s', control, '-P', join(directory, 'bird.pid')]);
    await until('bird answers', () => birdc('show', 'status'), { context: () => child.log() });
  }

  writeFileSync(file, text);
  await launch();
  return {
    async configure(next) {
      writeFileSync(file, next);
      await birdc('configure');
    },
    command: birdc,
    kill: async () => void (await child.stop('SIGKILL')),
    async start(next) {
      if (next !== undefined) writeFileSync(file, next);
      await launch();
    },
    async stop() {
      await child.stop();
      rmSync(directory, { recursive: true, force: true });
    },
    log: () => child.log(),
  };
}
