import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type CheckCommand, check, exitCode } from '../../src/commands/check.ts';
import { junitReport } from '../../src/commands/junit.ts';
import { type Verdict, type VerdictSummary, type VerdictWord, verdicts } from '../../src/verdicts/types.ts';

function summary(counts: Partial<Record<VerdictWord, number>>, emptyText: string | null = null): VerdictSummary {
  const all = Object.fromEntries(verdicts.map((word) => [word, counts[word] ?? 0])) as Record<VerdictWord, number>;
  return {
    verdicts: all,
    sessions: { expected: 1, established: 1, elsewhere: 0 },
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
    ['what a rule accepts', summary({ ok: 9, suppressed: 3 }), 0],
    ['findings beat doubt', summary({ missing: 1, unknown: 1 }), 1],
    ['nothing is configured to compare with', summary({}, 'No manifests are configured.'), 2],
  ])('%s', (_, given, expected) => {
    expect(exitCode(given)).toBe(expected);
  });
});

describe('the JUnit report', () => {
  it('counts passed, failed and skipped cases', () => {
    const words: VerdictWord[] = [
      'ok',
      'missing',
      'pending',
      'mismatch',
      'stale',
      'unexpected',
      'unknown',
      'suppressed',
    ];
    expect(junitReport(words.map((word) => row(word)))).toContain(
      '<testsuite name="peerglass" tests="8" failures="4" errors="0" skipped="3">',
    );
    expect(junitReport([])).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<testsuite name="peerglass" tests="0" failures="0" errors="0" skipped="0">\n</testsuite>\n',
    );
  });

  const open = '  <testcase classname="node-a.tor-1" name="203.0.113.1/32"';
  const text = 'node-a does not announce &#34;it&#34; &#38; that is &#60;bad&#62;';
  const cases: [string, Verdict, string][] = [
    ['what is ok has passed', row('ok'), `${open}/>`],
    [
      'what is missing has failed',
      row('missing'),
      `${open}><failure type="missing" message="${text}">${text}</failure></testcase>`,
    ],
    ['what is pending is skipped', row('pending'), `${open}><skipped message="${text}"/></testcase>`],
    [
      'what a rule accepts is skipped, with its words',
      row('suppressed'),
      `${open}><skipped message="${text}"/></testcase>`,
    ],
    [
      'a rule has its own class',
      { ...row('ok'), node: null, bgpPeer: null, neighbor: null, rule: 'anycast' },
      '  <testcase classname="overlay.anycast" name="203.0.113.1/32"/>',
    ],
    [
      'nobody knows who it is',
      { ...row('ok'), node: null, bgpPeer: null },
      '  <testcase classname="unknown.unknown" name="203.0.113.1/32"/>',
    ],
    [
      'lines and tabs stay, what XML cannot carry goes',
      { ...row('pending'), reasonText: 'a\r\n\tb\u0000\u0008\u001b\ufffe\ud800c \u{1f600}' },
      `${open}><skipped message="a&#13;&#10;&#9;b\ufffdc \u{1f600}"/></testcase>`,
    ],
  ];
  it.each(cases)('%s', (_, verdict, expected) => {
    expect(junitReport([verdict]).split('\n')[2]).toBe(expected);
  });
});

describe('peerglass check', () => {
  const servers: Server[] = [];
  let diagnoses: object[] = [];
  let rows: Verdict[] = [row('missing')];
  const asked: string[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
    diagnoses = [];
    rows = [row('missing')];
    asked.length = 0;
    process.exitCode = undefined;
  });

  /** A collector that gives these answers one after the other, the last one for ever. */
  const collector = (...summaries: VerdictSummary[]): Promise<string> => collectorAt(0, ...summaries);

  async function collectorAt(port: number, ...summaries: VerdictSummary[]): Promise<string> {
    const server = createServer((request, response) => {
      asked.push(request.url!);
      const data = request.url!.includes('summary')
        ? summaries.length > 1
          ? summaries.shift()
          : summaries[0]
        : request.url!.includes('diagnoses')
          ? diagnoses
          : rows;
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ data, page: { nextCursor: null } }));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
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

  it('says what is suppressed and by what, and does not fail for it', async () => {
    rows = [
      { ...row('suppressed'), reasonText: 'Known and accepted.' },
      { ...row('ok'), rule: 'anycast' },
    ];
    const url = await collector(summary({ ok: 1, suppressed: 1 }));
    const written = capture('stdout');
    await check({ url, wait: '0s' });
    expect(written.join('')).toMatch(
      /^suppressed 203\.0\.113\.1\/32 +node-a → tor-1: Known and accepted\.\n1 ok, 1 suppressed\n$/,
    );
    expect(process.exitCode).toBe(0);
  });

  it('names the rule whose own row is wrong', async () => {
    rows = [{ ...row('missing'), node: null, bgpPeer: null, neighbor: null, rule: 'anycast' }];
    const written = capture('stdout');
    await check({ url: await collector(summary({ missing: 1 })), wait: '0s' });
    expect(written.join('')).toMatch(/^missing +203\.0\.113\.1\/32 +rule anycast: /);
  });

  it.each<[string, Partial<CheckCommand>, Verdict[], string, number, RegExp]>([
    ['one Service: only its rows count', { service: 'shop/web' }, [row('ok')], 'service=shop%2Fweb', 0, /^1 ok\n$/],
    [
      'a Service of the namespace default',
      { service: 'web' },
      [row('missing')],
      'service=default%2Fweb',
      1,
      /1 missing\n$/,
    ],
    [
      'prefix, node and peer',
      { prefix: '203.0.113.1/32', node: 'node-a', bgpPeer: 'tor-1' },
      [row('pending')],
      'prefix=203.0.113.1%2F32&node=node-a&bgpPeer=tor-1',
      2,
      /1 pending\n$/,
    ],
    [
      'a filter that matches no row',
      { node: 'nod' },
      [],
      'node=nod',
      2,
      /^No route is expected or received for node nod\.\n$/,
    ],
  ])('%s', async (_, options, found, query, code, text) => {
    rows = found;
    const written = capture('stdout');
    await check({ url: await collector(summary({ missing: 9 })), wait: '0s', ...options });
    expect(asked.find((path) => path.startsWith('/api/v1/checks?'))).toBe(`/api/v1/checks?limit=10000&${query}`);
    expect(written.join('')).toMatch(text);
    expect(process.exitCode).toBe(code);
  });

  it('waits for a collector that is not there yet', async () => {
    const url = await collector(summary({ ok: 1 }));
    rows = [row('ok')];
    const { port } = new URL(url);
    await new Promise((resolve) => servers.pop()!.close(resolve));
    const written = capture('stdout');
    const checked = check({ url, wait: '20s' });
    await collectorAt(Number(port), summary({ ok: 1 }));
    await checked;
    expect(written.join('')).toBe('1 ok\n');
    expect(process.exitCode).toBe(0);
  });

  it('waits while there is nothing to compare with yet, and says so at the end', async () => {
    rows = [];
    const empty = summary({}, 'The objects are being read.');
    const written = capture('stdout');
    await check({ url: await collector(empty, summary({ ok: 1 })), wait: '20s' });
    expect(process.exitCode).toBe(0);
    await check({ url: await collector(empty), wait: '0s' });
    expect(written.at(-1)).toBe('The objects are being read.\n');
    expect(process.exitCode).toBe(2);
  });

  it.each<[string, number, string, RegExp]>([
    [
      'a token without the scope',
      403,
      '{"title":"The token does not allow this","detail":"It needs the scope read"}',
      /403 The token.*: It needs the scope read; set --token or \$PEERGLASS_TOKEN/,
    ],
    ['a page that is not JSON', 200, '<html>', /status 200 without JSON; check that --url/],
    ['JSON without data', 200, '{}', /status 200 with JSON but no data/],
    ['a bare JSON word', 404, 'null', /status 404 with JSON but no data/],
    ['a collector that refuses', 503, '{"title":"Too much","detail":"Later"}', /503 Too much: Later/],
  ])('%s is an error without a retry', async (_, status, body, text) => {
    const server = createServer((_request, response) => response.writeHead(status).end(body));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const written = capture('stderr');
    await check({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, wait: '20s' });
    expect(written.join('')).toMatch(text);
    expect(process.exitCode).toBe(2);
  });

  it('says which report cannot be written, after the verdicts', async () => {
    const url = await collector(summary({ missing: 1 }));
    const [out, err] = [capture('stdout'), capture('stderr')];
    await check({ url, wait: '0s', junit: '/nonexistent/report.xml' });
    expect(out.join('')).toContain('1 missing');
    expect(err.join('')).toMatch(/^cannot write --junit \/nonexistent\/report\.xml: ENOENT/);
    expect(process.exitCode).toBe(2);
  });
});
