/** Reads a Dockerfile into stages of instructions; what it does not know is an error, never passed over. */

export type Instruction =
  | { kind: 'run'; command: string }
  | { kind: 'copy'; from: string | null; sources: string[]; target: string }
  | { kind: 'workdir'; path: string }
  | { kind: 'env'; variables: Record<string, string> }
  | { kind: 'user'; name: string };

export interface Stage {
  base: string;
  name: string;
  instructions: Instruction[];
}

export interface Dockerfile {
  stages: Stage[];
  entrypoint: string[];
  command: string[];
  healthcheck: string;
  exposed: number[];
}

/** @throws on an instruction or flag that the tests could not carry out. */
export function parseDockerfile(text: string): Dockerfile {
  const file: Dockerfile = { stages: [], entrypoint: [], command: [], healthcheck: '', exposed: [] };
  const lines = text
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll('\\\n', ' ')
    .split('\n');
  for (const line of lines.filter((each) => each.trim() !== '')) {
    const [, word, rest] = /^([A-Z]+)\s+(.*)$/.exec(line.trim()) ?? [];
    if (word === undefined || rest === undefined) throw new Error(`not a Dockerfile instruction: ${line}`);
    if (word === 'FROM') {
      const [, base, name] = /^(\S+)(?:\s+AS\s+(\S+))?$/.exec(rest) ?? [];
      file.stages.push({ base: base!, name: name ?? 'final', instructions: [] });
      continue;
    }
    const stage = file.stages.at(-1);
    if (!stage) throw new Error(`${word} before FROM`);
    switch (word) {
      case 'RUN':
        if (rest.startsWith('--')) throw new Error(`RUN with a flag: ${rest}`);
        stage.instructions.push({ kind: 'run', command: rest });
        break;
      case 'COPY':
        stage.instructions.push(copy(rest));
        break;
      case 'WORKDIR':
        stage.instructions.push({ kind: 'workdir', path: rest });
        break;
      case 'ENV':
        stage.instructions.push({
          kind: 'env',
          variables: Object.fromEntries(rest.split(/\s+/).map((pair) => pair.split('=', 2))),
        });
        break;
      case 'USER':
        stage.instructions.push({ kind: 'user', name: rest });
        break;
      case 'EXPOSE':
        file.exposed.push(...rest.split(/\s+/).map(Number));
        break;
      case 'HEALTHCHECK':
        file.healthcheck = /^(?:--\S+\s+)*CMD\s+(.*)$/.exec(rest)?.[1] ?? '';
        break;
      case 'ENTRYPOINT':
        file.entrypoint = JSON.parse(rest) as string[];
        break;
      case 'CMD':
        file.command = JSON.parse(rest) as string[];
        break;
      case 'VOLUME': // what a folder is mounted from, and which signal stops, is the engine's business
      case 'STOPSIGNAL':
        break;
      default:
        throw new Error(`unknown instruction: ${line}`);
    }
  }
  return file;
}

function copy(rest: string): Instruction {
  const words = rest.split(/\s+/);
  const flags = words.filter((word) => word.startsWith('--'));
  const from = flags.map((flag) => /^--from=(.+)$/.exec(flag)?.[1]);
  if (from.includes(undefined)) throw new Error(`COPY with an unknown flag: ${rest}`);
  const paths = words.filter((word) => !word.startsWith('--'));
  return { kind: 'copy', from: from[0] ?? null, sources: paths.slice(0, -1), target: paths.at(-1)! };
}
