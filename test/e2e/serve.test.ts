/** The process as its surroundings see it: signals, exit codes, what it prints. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { type Notification, shutdownText } from '../../src/wire/notification.ts';
import { ownNetwork } from '../support/netns.ts';
import { start } from '../support/processes.ts';
import { Product } from '../support/product.ts';
import { TestPeer } from '../support/test-peer.ts';
import { until } from '../support/wait.ts';

const program = [process.execPath, join(import.meta.dirname, '../../src/main.mjs')];

beforeAll(() => ownNetwork());

function temporaryFile(name: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'peerglass-serve-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

it('a broken configuration ends with 78 and every problem, with file, line and path', async () => {
  const file = temporaryFile(
    'peerglass.yaml',
    'bgp:\n  asn: 0\n  lisen: ["127.0.0.1:1790"]\nhttp:\n  listen: nowhere\n',
  );
  const child = start([...program, 'serve', '--config', file]);
  expect((await child.exited).code).toBe(78);
  expect(child.log()).toContain(`${file}:2: bgp.asn`);
  expect(child.log()).toContain(`${file}:3: bgp.lisen`);
  expect(child.log()).toContain('listen');
  expect(child.log()).toContain(`${file}:5: http.listen`);
});

it('a command that does not exist ends with 64', async () => {
  const child = start([...program, 'sevre']);
  expect((await child.exited).code).toBe(64);
});

it('SIGTERM says goodbye to every neighbor (Cease/Administrative Shutdown with a text) and ends with 0', async () => {
  const product = await Product.start();
  onTestFinished(() => product.remove());
  const peer = await TestPeer.establish({ to: '127.0.0.1:1790', from: '127.0.0.11', asn: 64512 });
  const farewell = peer.next('notification');
  const exit = await product.stop();
  expect(exit).toEqual({ code: 0, signal: null });
  const said = (await farewell) as Notification;
  expect([said.code, said.subcode, shutdownText(said)]).toEqual([6, 2, 'Peerglass stops (SIGTERM)']);
  await peer.closed;
});

it('SIGHUP takes over a neighbor that was added, and leaves the others alone', async () => {
  const neighbors = [{ address: '127.0.0.11', asn: 64512 }];
  const product = await Product.start({ config: { bgp: { neighbors } } });
  onTestFinished(() => product.remove());
  const old = await TestPeer.establish({ to: '127.0.0.1:1790', from: '127.0.0.11', asn: 64512 });
  onTestFinished(() => void old.socket.destroy());
  const refused = await TestPeer.connect({ to: '127.0.0.1:1790', from: '127.0.0.12', asn: 64512 });
  expect(await refused.next('notification')).toMatchObject({ code: 6, subcode: 5 });

  product.configure({ bgp: { neighbors: [...neighbors, { address: '127.0.0.12', asn: 64512 }] } });
  product.signal('SIGHUP');
  const added = await until('the new neighbor is let in', () =>
    TestPeer.establish({ to: '127.0.0.1:1790', from: '127.0.0.12', asn: 64512 }),
  );
  onTestFinished(() => void added.socket.destroy());
  await until('both sessions are there', async () =>
    (await product.neighbors()).every(({ established }) => established),
  );
  expect(await product.neighbors()).toMatchObject([
    { address: '127.0.0.11', flaps: 0 },
    { address: '127.0.0.12', flaps: 0 },
  ]);
});
