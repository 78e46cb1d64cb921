/** Other programs as children that never outlive the test: ended by their own id, and by the kernel when we die. */
import { type ChildProcess, spawn } from 'node:child_process';
import { within } from './wait.ts';

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface Child {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** The last `logLimit` characters of stdout and stderr together. */
  log(): string;
  signal(signal: NodeJS.Signals): void;
  /** Ends the process with `signal`, with SIGKILL when it does not end within 10 s. */
  stop(signal?: NodeJS.Signals): Promise<Exit>;
}

const logLimit = 256 * 1024;
const stopTimeout = 10_000;

/** Starts `command` and leaves it running. */
export function start(command: string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Child {
  // setpriv: SIGKILL from the kernel when the test process is gone, however it went
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // Ctrl-C is ours to pass on
  });
  let log = '';
  let running = true;
  const keep = (text: string): void => {
    log = (log + text).slice(-logLimit);
  };
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  const exited = ending(child, command).then((exit) => {
    running = false;
    return exit;
  });
  // an Error from here is for whoever awaits `exited`; alone it must not end the test process
  exited.catch(() => {});
  return {
    pid: child.pid ?? 0,
    exited,
    log: () => log,
    signal: (signal) => void (running && child.kill(signal)),
    async stop(signal = 'SIGTERM') {
      if (running) child.kill(signal);
      const timer = setTimeout(() => running && child.kill('SIGKILL'), stopTimeout);
      return exited.finally(() => clearTimeout(timer));
    },
  };
}

/** Runs `command` to its end; answers stdout. @throws with its output when it fails or takes longer than `timeout` ms. */
export async function run(
  command: string[],
  { timeout = 30_000, cwd }: { timeout?: number; cwd?: string } = {},
): Promise<string> {
  const child = spawn(command[0]!, command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'], ...(cwd ? { cwd } : {}) });
  let out = '';
  let all = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    all += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    all += text;
  });
  try {
    const { code, signal } = await within(command.join(' '), timeout, ending(child, command));
    if (code !== 0) throw new Error(`${command.join(' ')} ended with ${signal ?? code}\n${all}`);
    return out;
  } finally {
    child.kill('SIGKILL');
  }
}

function ending(child: ChildProcess, command: string[]): Promise<Exit> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`${command[0]}: ${error.message}`, { cause: error })));
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
}
