/** The Dockerfile's own steps, carried out in empty folders: what they make must start and be healthy. */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parseDockerfile } from '../support/dockerfile.ts';
import { Image } from '../support/image.ts';
import { ownNetwork } from '../support/netns.ts';
import { until } from '../support/wait.ts';

const project = join(import.meta.dirname, '../..');
const file = parseDockerfile(readFileSync(join(project, 'Dockerfile'), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'peerglass-image-'));
let image: Image;

beforeAll(async () => {
  image = await Image.build(file, context(), folder);
}, 10 * 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the image', () => {
  it('has the page, the migrations and the program', () => {
    for (const path of ['app/web/dist/index.html', 'app/migrations', 'app/src/main.mjs', 'app/package.json'])
      expect(existsSync(image.path(path)), path).toBe(true);
  });

  it('has what runs and nothing that only builds or tests', () => {
    const modules = readdirSync(image.path('app/node_modules'));
    expect(modules).toContain('fastify');
    expect(modules.filter((name) => /^(vitest|vite|typescript|playwright-core|node-linux-.*)$/.test(name))).toEqual([]);
    expect(existsSync(image.path('app/test'))).toBe(false);
  });

  it('gives the data folder to a user without rights', () => {
    const data = statSync(image.path('data'));
    expect([data.uid, data.gid]).toEqual([1000, 1000]);
  });

  it('runs as that user, holds port 179 and is healthy', async () => {
    ownNetwork();
    const container = image.start({ PEERGLASS_BGP_LISTEN: '127.0.0.1:179' });
    onTestFinished(async () => void (await container.stop()));
    await until('the health check passes', () => image.isHealthy(), {
      context: () => container.log(),
    });
    const uids = /^Uid:\s+(\d+)\s+(\d+)/m.exec(readFileSync(`/proc/${container.pid}/status`, 'utf8'));
    expect(uids?.slice(1)).toEqual(['1000', '1000']);
    // 0xB3 = 179, state 0A = LISTEN
    expect(readFileSync(`/proc/${container.pid}/net/tcp`, 'utf8')).toMatch(/0100007F:00B3 \S+ 0A/);
    expect((await container.stop()).code).toBe(0);
  });
});

/** The files that .dockerignore lets through: it denies all and names what is wanted. */
function context(): string {
  const target = mkdtempSync(join(folder, 'context-'));
  const lines = readFileSync(join(project, '.dockerignore'), 'utf8').split('\n').filter(Boolean);
  expect(lines[0]).toBe('*');
  const wanted = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  const denied = lines.slice(1).filter((line) => !line.startsWith('!'));
  expect(
    [...wanted, ...denied].filter((line) => /[*?[]/.test(line)),
    'patterns need a matcher here',
  ).toEqual([]);
  for (const name of wanted)
    cpSync(join(project, name), join(target, name), {
      recursive: true,
      filter: (path) => !denied.some((each) => path === join(project, each)),
    });
  return target;
}
