/**
 * Builds a Dockerfile without a container engine: each stage is a folder that serves as the root directory of its
 * commands (chroot in a mount namespace of its own, the host's /usr read-only below), so RUN, COPY and USER do what
 * they say with the paths they say. The base image's part is played by the host and a copy of this Node.
 */
import {
  appendFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import type { Dockerfile, Instruction, Stage } from './dockerfile.ts';
import { type Child, run, start } from './processes.ts';

/** uid and gid of the user `node` in the official image. */
const nodeUser = 1000;
const commandTimeout = 5 * 60_000;

/** A built stage: where it is, and what its commands inherit. */
interface Built {
  root: string;
  workdir: string;
  environment: Record<string, string>;
  user: string;
}

export class Image {
  readonly #last: Built;
  readonly #file: Dockerfile;

  private constructor(last: Built, file: Dockerfile) {
    this.#last = last;
    this.#file = file;
  }

  /** Carries out every instruction of `file`, with `context` as the folder that COPY reads. @throws as soon as one fails. */
  static async build(file: Dockerfile, context: string, folder: string): Promise<Image> {
    const built = new Map<string, Built>();
    for (const stage of file.stages)
      built.set(stage.name, await buildStage(stage, context, join(folder, stage.name), built));
    return new Image(built.get(file.stages.at(-1)!.name)!, file);
  }

  /** Path outside of a path inside. */
  path(inside: string): string {
    return join(this.#last.root, inside);
  }

  /** ENTRYPOINT and CMD, as the image's USER. */
  start(environment: Record<string, string> = {}): Child {
    const command = [...this.#file.entrypoint, ...this.#file.command].map(quote).join(' ');
    return start(inside(this.#last, `exec ${command}`, environment));
  }

  /** Runs the HEALTHCHECK's command. @throws when it says unhealthy. */
  async isHealthy(): Promise<true> {
    await run(inside(this.#last, this.#file.healthcheck), { timeout: 10_000 });
    return true;
  }
}

async function buildStage(stage: Stage, context: string, root: string, others: Map<string, Built>): Promise<Built> {
  if (!/^node:24(-|$)/.test(stage.base)) throw new Error(`no stand-in for the base image ${stage.base}`);
  const built: Built = { root, workdir: '/', environment: {}, user: 'root' };
  layOut(root);
  for (const instruction of stage.instructions) await perform(instruction, built, context, others);
  return built;
}

async function perform(
  instruction: Instruction,
  built: Built,
  context: string,
  others: Map<string, Built>,
): Promise<void> {
  switch (instruction.kind) {
    case 'workdir':
      built.workdir = instruction.path;
      mkdirSync(join(built.root, instruction.path), { recursive: true });
      return;
    case 'env':
      Object.assign(built.environment, instruction.variables);
      return;
    case 'user':
      built.user = instruction.name;
      return;
    case 'copy':
      return copyFiles(instruction, built, context, others);
    case 'run':
      return void (await run(inside(built, rehearsed(instruction.command)), { timeout: commandTimeout }));
    default:
      instruction satisfies never;
  }
}

/** The host's /usr is below the stage and read-only: what would be installed there is asked for, not installed. */
function rehearsed(command: string): string {
  if (!command.startsWith('apt-get ')) return command;
  const [, packages] =
    /^apt-get update && apt-get install ([^&]+) && rm -rf \/var\/lib\/apt\/lists\/\*$/.exec(command) ?? [];
  if (packages === undefined) throw new Error(`an apt-get line of another form: ${command}`);
  return `apt-get install --simulate ${packages}`;
}

function copyFiles(
  { from, sources, target }: Extract<Instruction, { kind: 'copy' }>,
  built: Built,
  context: string,
  others: Map<string, Built>,
): void {
  const origin = from === null ? context : others.get(from)?.root;
  if (origin === undefined) throw new Error(`COPY from an unknown stage: ${from}`);
  const destination = join(built.root, resolve(built.workdir, target));
  for (const source of sources) {
    const path = join(origin, source);
    if (lstatSync(path).isDirectory()) cpSync(path, destination, { recursive: true, verbatimSymlinks: true });
    else cpSync(path, target.endsWith('/') ? join(destination, source) : destination, { recursive: true });
  }
}

/** The command that runs `script` with the stage as root directory. */
function inside(built: Built, script: string, more: Record<string, string> = {}): string[] {
  const environment = {
    PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
    HOME: homedir(),
    npm_config_prefer_offline: 'true',
    ...built.environment,
    ...more,
  };
  const variables = Object.entries(environment).map(([name, value]) => quote(`${name}=${value}`));
  const drop = built.user === 'root' ? '' : `setpriv --reuid ${nodeUser} --regid ${nodeUser} --clear-groups `;
  const mounts = [
    ...['/usr', '/var/lib', '/dev', '/proc', homedir()].map((path) => `mount --rbind ${path} ${built.root}${path}`),
    ...['/usr', '/var/lib'].map((path) => `mount -o remount,bind,ro ${built.root}${path}`),
    // what the base image would bring itself
    `mount --bind ${built.root}/local-bin ${built.root}/usr/local/bin`,
  ];
  const shell = `${mounts.join(' && ')} && exec env -i ${variables.join(' ')} chroot ${built.root} ${drop}sh -c ${quote(`cd ${built.workdir} && ${script}`)}`;
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', shell];
}

/** An empty root: mount points, the host's /etc with the image's user, and this Node as the image's. */
function layOut(root: string): void {
  for (const path of ['usr', 'dev', 'proc', 'tmp', 'var/lib', 'local-bin', homedir().slice(1)])
    mkdirSync(join(root, path), { recursive: true });
  for (const name of readdirSync('/').filter((each) => ['bin', 'sbin'].includes(each) || each.startsWith('lib')))
    if (lstatSync(`/${name}`).isSymbolicLink()) symlinkSync(readlinkSync(`/${name}`), join(root, name));
    else throw new Error(`/${name} is no link into /usr: the stand-in for the base image needs a merged /usr`);
  cpSync('/etc', join(root, 'etc'), { recursive: true, verbatimSymlinks: true });
  if (!/^node:/m.test(readFileSync(join(root, 'etc/passwd'), 'utf8'))) {
    appendFileSync(join(root, 'etc/passwd'), `node:x:${nodeUser}:${nodeUser}::/home/node:/bin/sh\n`);
    appendFileSync(join(root, 'etc/group'), `node:x:${nodeUser}:\n`);
  }
  cpSync(process.execPath, join(root, 'local-bin/node'));
  writeFileSync(join(root, 'local-bin/npm'), `#!/bin/sh\nexec node ${npmProgram()} "$@"\n`, { mode: 0o755 });
}

/** The host's npm-cli.js; it lies in /usr or in the home folder, which the stage has too. */
function npmProgram(): string {
  const folder = (process.env['PATH'] ?? '').split(delimiter).find((each) => existsSync(join(each, 'npm')));
  if (folder === undefined) throw new Error('npm is not on PATH');
  return realpathSync(join(folder, 'npm'));
}

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
