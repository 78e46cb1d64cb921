import { spawnSync } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Verdict, type VerdictSummary, type VerdictWord, verdicts } from '../../src/checks/types.ts';
import { check, exitCode } from '../../src/commands/check.ts';
import { junitReport } from '../../src/commands/junit.ts';

function summary(counts: Partial<Record<VerdictWord, number>>, emptyText: string | null = null): VerdictSummary {
  const all = Object.fromEntries(verdicts.map((word) => [word, counts[word] ?? 0])) as Record<VerdictWord, number>;
  return {
    verdicts: all,
    sessions: { expected: 1, established: 1 },
    services: { ok: 1, pending: 0, failing: 0 },
    evaluatedAt: 0,
    emptyText,
  };
}

const row = (verdict: VerdictWord, prefix = '203.0.113.1/32'): Verdict => ({
  prefix,
  neighbor: 1,
  node: 'node-a',
  bgpPeer: 'tor-1',
  verdict,
  fields: [],
  expected: null,
  received: null,
  reasonCode: 'route-missing',
  reasonText: 'node-a does not announce "it" & that is <bad>',
  evidence: [],
  overlay: null,
  rule: null,
  since: '2026-01-01T00:00:00.000000Z',
  deadline: null,
});

describe('the exit code', () => {
  it.each<[string, VerdictSummary, number]>([
    ['all ok', summary({ ok: 9 }), 0],
    ['something is missing', summary({ ok: 9, missing: 1 }), 1],
    ['something is there that should not', summary({ unexpected: 1 }), 1],
    ['an attribute differs', summary({ mismatch: 1 }), 1],
    ['a stale route', summary({ stale: 1 }), 1],
    ['still in grace', summary({ ok: 9, pending: 1 }), 2],
    ['not synced yet', summary({ ok: 9, unknown: 1 }), 2],
    ['findings beat doubt', summary({ missing: 1, unknown: 1 }), 1],
    ['nothing is configured to compare with', summary({}, 'No manifests are configured.'), 2],
  ])('%s', (_, given, expected) => {
    expect(exitCode(given)).toBe(expected);
  });
});

describe('the JUnit report', () => {
  it('has a case per row: passed, failed or skipped', () => {
    const text = junitReport([
      row('ok', '203.0.113.1/32'),
      row('missing', '203.0.113.2/32'),
      row('pending', '203.0.113.3/32'),
    ]);
    expect(text).toContain('<testsuite name="peerglass" tests="3" failures="1" skipped="1">');
    expect(text).toContain('<testcase classname="node-a.tor-1" name="203.0.113.1/32"/>');
    expect(text).toContain(
      'name="203.0.113.2/32"><failure type="missing" message="node-a does not announce &#34;it&#34; &#38; that is &#60;bad&#62;">',
    );
    expect(text).toContain('name="203.0.113.3/32"><skipped');
  });
});

describe('peerglass check', () => {
  const servers: Server[] = [];
  let diagnoses: object[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
    diagnoses = [];
    process.exitCode = undefined;
  });

  /** A collector that gives these answers one after the other, the last one for ever. */
  async function collector(...summaries: VerdictSummary[]): Promise<string> {
    const server = createServer((request, response) => {
      const data = request.url!.includes('summary')
        ? summaries.length > 1
          ? summaries.shift()
          : summaries[0]
        : request.url!.includes('diagnoses')
          ? diagnoses
          : [row('missing')];
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ data, page: { nextCursor: null } }));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** What is written from now on to the end of the test. */
  function capture(stream: 'stdout' | 'stderr'): string[] {
    const written: string[] = [];
    const spy = vi.spyOn(process[stream], 'write').mockImplementation((text) => written.push(String(text)) > 0);
    onTestFinished(() => spy.mockRestore());
    return written;
  }

  it('waits for what is pending, then says what is wrong', async () => {
    const url = await collector(summary({ pending: 1 }), summary({ missing: 1 }));
    const written = capture('stdout');
    await check({ url, wait: '20s' });
    expect(process.exitCode).toBe(1);
    expect(written.join('')).toMatch(/^missing +203\.0\.113\.1\/32 +node-a → tor-1: .*\n1 missing\n$/);
  });

  it('shows critical diagnoses, which have no say in the exit code', async () => {
    diagnoses = [{ severity: 'critical', title: 'Password on one side only', text: 'It is so.', hint: 'Set it.' }];
    const url = await collector(summary({ ok: 1 }));
    const written = capture('stdout');
    await check({ url, wait: '0s' });
    expect(written.join('')).toContain('critical   Password on one side only: It is so. Set it.\n1 ok\n');
    expect(process.exitCode).toBe(0);
    await check({ url, wait: '0s', json: true });
    expect(JSON.parse(written.at(-1)!)).toMatchObject({ diagnoses });
  });

  it('says which report cannot be written, after the verdicts', async () => {
    const url = await collector(summary({ missing: 1 }));
    const [out, err] = [capture('stdout'), capture('stderr')];
    await check({ url, wait: '0s', junit: '/nonexistent/report.xml' });
    expect(out.join('')).toContain('1 missing');
    expect(err.join('')).toMatch(/^--junit \/nonexistent\/report\.xml: cannot be written: ENOENT/);
    expect(process.exitCode).toBe(2);
  });

  it.each<[string, string[], number, RegExp]>([
    ['nobody is there', ['check', '--url', 'http://127.0.0.1:1'], 2, /127\.0\.0\.1:1: /],
    ['no duration', ['check', '--wait', 'soon'], 64, /--wait soon: expected a duration/],
    [
      'a URL without http://',
      ['check', '--url', 'localhost:8080'],
      64,
      /--url localhost:8080: expected a URL with http:\/\//,
    ],
    ['no URL at all', ['check', '--url', '::'], 64, /--url ::: expected a URL/],
    ['no command', [], 64, /Usage: peerglass/],
    ['no subcommand', ['config'], 64, /Usage: peerglass config/],
    ['manifests that are not there', ['expect', '/nonexistent'], 2, /\/nonexistent.*\n.*no object/],
    ['a folder without manifests', ['expect', import.meta.dirname], 2, /no object/],
    ['no such command', ['frobnicate'], 64, /unknown command/],
    ['a configuration that is not there', ['config', 'check', '/nonexistent/peerglass.yaml'], 78, /cannot be read/],
  ])('%s', (_, args, status, message) => {
    const main = join(import.meta.dirname, '../../src/main.ts');
    const result = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', timeout: 15_000 });
    expect(result.stderr).toMatch(message);
    expect(result.status).toBe(status);
  });
});
