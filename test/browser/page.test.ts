/** The built page in Chromium, with test data that changes while the page is open. */
import { describe, expect, test } from 'vitest';
import { accessibilityProblems } from '../support/accessibility.ts';
import {
  complaints,
  eventually,
  focused,
  hash,
  heading,
  open,
  page,
  rows,
  see,
  server,
  setUpPage,
  start,
} from '../support/fixture-page.ts';

setUpPage();

describe('the overview', () => {
  test('counts wrong routes and names the reasons', async () => {
    await open('overview');
    const wrong = server.fixture.verdicts.filter(({ verdict }) =>
      ['missing', 'mismatch', 'unexpected'].includes(verdict),
    ).length;
    await see(`${wrong} routes are wrong`);
    await see('the session is up and in sync');
    await see('community “no-such-alias” is not defined by any Community');
  });

  test('updates verdicts live and announces them to screen readers', async () => {
    await open('overview');
    const index = server.fixture.verdicts.findIndex(({ verdict }) => verdict === 'ok');
    const { prefix, node } = server.fixture.verdicts[index]!;
    const tile = page.locator('.tile.v-missing .count');
    const before = Number(await tile.innerText());
    server.judge(index, 'missing', 'It was withdrawn a moment ago');
    await eventually(() => tile.innerText()).toBe(String(before + 1));
    await eventually(() => page.locator('[aria-live=polite][aria-atomic]').innerText()).toBe(
      `${prefix} on ${node}: missing. It was withdrawn a moment ago`,
    );
  });

  test('warns if the collector is degraded or has no session', async () => {
    server.fixture.status.degraded = {
      code: 'disk-full',
      text: 'The disk is full; sessions and routes go on in memory.',
      since: server.fixture.status.startedAt,
      gap: { from: 1, to: 2 },
    };
    for (const neighbor of server.fixture.neighbors) Object.assign(neighbor, { established: false, state: 'idle' });
    await open('overview');
    await see('The disk is full; sessions and routes go on in memory.');
    await see('No session is established:');
  });

  test('explains how to peer, and why it has nothing to compare', async () => {
    await start({ nodes: 0, services: 0 });
    server.fixture.neighbors.length = server.fixture.verdicts.length = server.fixture.routes.length = 0;
    await open('overview');
    await see('No speaker has connected yet');
    await see('kind: BGPPeer');
    await see('peerASN: 64500');
    await see('No manifests are configured');
  });

  test('calls nothing good without verdicts that are ok', async () => {
    server.fixture.verdicts.splice(2);
    Object.assign(server.fixture.verdicts[0]!, { verdict: 'pending' });
    Object.assign(server.fixture.verdicts[1]!, { verdict: 'unknown' });
    await open('overview');
    await see('No wrong routes so far: 1 pending, 1 unknown');
    await see('None. No wrong routes so far');
    expect(await page.locator('.headline .v-ok, .headline.v-ok').count()).toBe(0);
  });

  test('claims no objects for a source that was never read', async () => {
    Object.assign(server.fixture.status.sources[0]!, { synced: false, readAt: null, ageSeconds: null, objects: 0 });
    await open('overview');
    await see('no objects read yet');
    expect(await page.getByText(/^using the/).count()).toBe(0);
  });
});

describe('routes', () => {
  test('are filtered by the search box, which is part of the URL', async () => {
    await open('routes');
    await page.keyboard.press('/');
    await page.keyboard.type('node:worker-2 64512:666');
    await eventually(() => rows().count()).toBe(2);
    expect(await hash()).toBe('#/routes?q=node:worker-2 64512:666');
    await page.reload();
    await eventually(() => rows().count()).toBe(2);
  });

  test('report invalid terms', async () => {
    await open('routes?q=bogus:1');
    await see(/Unknown key bogus:/);
  });

  test('are filtered by a facet button', async () => {
    await open('routes');
    const facet = page.getByRole('button', { name: /^mismatch/ });
    await facet.click();
    await eventually(() => rows().count()).toBe(2);
    expect(await hash()).toBe('#/routes?q=verdict:mismatch');
    await facet.click();
    await eventually(() => hash()).toBe('#/routes');
  });

  test('open in the drawer with differences, chain and evidence', async () => {
    await open('routes?q=verdict:mismatch');
    await rows().first().locator('.verdict').click();
    const drawer = page.getByRole('complementary', { name: '203.0.113.11/32' });
    await drawer.waitFor();
    const differing = await drawer.locator('.compared tr.differs th').allInnerTexts();
    expect(differing.map((text) => text.split('\n')[0])).toEqual(['Local pref', 'Communities']);
    expect(await drawer.locator('.compared .only').allInnerTexts()).toEqual(
      ['− absent', '+ 200', '− 64512:300', '+ 64512:666'].map((text) => expect.stringContaining(text)),
    );
    expect(await drawer.locator('.chain .kind').allInnerTexts()).toEqual([
      'Service',
      'IPAddressPool',
      'BGPAdvertisement',
      'BGPPeer',
      'Session',
      'Route',
    ]);
    await drawer.getByText('BGPAdvertisement/metallb-system/to-the-racks').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test('update in place', async () => {
    await open('routes?q=node:worker-1');
    await eventually(() => server.subscriptions.some(({ id }) => id === 'routes')).toBe(true);
    const index = server.fixture.routes.findIndex(({ neighbor }) => neighbor.node === 'worker-1');
    server.announce(index, '64512:4242');
    await see('64512:4242 64512:1:2');
  });

  test('load page by page while scrolling, with few rows in the document', async () => {
    await start({ nodes: 20, services: 60 });
    await open('routes');
    await see('250 routes and more');
    for (let i = 0; i < 4; i++) {
      await page.keyboard.press('G');
      await page.waitForTimeout(150);
    }
    await eventually(() => page.getByRole('status').filter({ hasText: 'routes' }).innerText()).toMatch(
      /^(7|8|9|1,).* routes/,
    );
    expect(await rows().count()).toBeLessThan(60);
  });
});

test('a prefix shows a verdict word in every cell and the equal-cost paths', async () => {
  await open('prefix/203.0.113.12/32');
  const cells = await page.locator('.matrix .cell').allInnerTexts();
  expect(cells).toHaveLength(16);
  for (const cell of cells) expect(cell).toMatch(/^(ok|missing|stale|unknown)\b/);
  await see(/of 16 expected announcements received; a router would use 11 equal-cost paths/);
  await page.locator('.matrix .cell', { hasText: 'missing' }).first().click();
  await page.getByRole('complementary').getByText('fails here').waitFor();
});

test('a prefix of many nodes shows the worst first and the rest on request', async () => {
  await start({ nodes: 100, services: 3 });
  await open('prefix/203.0.113.12/32');
  expect(await page.locator('.matrix tbody tr').count()).toBe(60);
  expect(await page.locator('.matrix .cell').first().innerText()).toMatch(/^missing/);
  await page.getByRole('button', { name: 'Show 40 more nodes' }).click();
  await eventually(() => page.locator('.matrix tbody tr').count()).toBe(100);
});

test('a neighbor without a session says so; one without routes names possible reasons', async () => {
  const never = { stateSince: '1970-01-01T00:00:00.000Z', establishedAt: null, lastDown: null, state: 'idle' };
  Object.assign(server.fixture.neighbors[0]!, never, { established: false });
  Object.assign(server.fixture.neighbors[1]!, {
    routes: { ipv4: 0, ipv6: 0, stale: 0 },
    established: true,
    synced: true,
  });
  await open('neighbors');
  await eventually(() => rows().first().locator('.for').innerText()).toBe('never');
  await open(`neighbor/${server.fixture.neighbors[0]!.id}`);
  await see('no session yet');
  await open(`neighbor/${server.fixture.neighbors[1]!.id}`);
  await see('no bgp ebgp-requires-policy');
});

test('an unknown link lists the views', async () => {
  await open('nonsense');
  await heading('Page not found');
  await see('There is no page “nonsense”');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.locator('main').getByRole('link', { name: 'Checks' }).click();
  await heading('Checks');
});

test('a neighbor shows capabilities and events', async () => {
  await open('neighbors');
  await page.getByRole('link', { name: '192.0.2.15' }).first().click();
  await heading('192.0.2.15');
  await see('Nothing was heard from it for 90 seconds');
  await see('They did not announce it: messages stay at 4,096 octets');
  expect(await page.locator('.events li').count()).toBeGreaterThan(3);
});

describe('the live feed', () => {
  test('shows changes live, pauses and resumes', async () => {
    await open('live');
    await eventually(() => server.subscriptions.some(({ id }) => id === 'live')).toBe(true);
    server.announce(1, '64512:1');
    await see('64512:1 64512:1:2');
    await page.keyboard.press('p');
    server.announce(2, '64512:2');
    await page.getByRole('button', { name: 'Resume (1 new)' }).click();
    await see('64512:2 64512:1:2');
    server.send({ type: 'gap', from: 7, to: 9, reason: 'slow-client' });
    await see('seq 7 to 9 not shown: this page was too slow');
  });

  test('filters on the server', async () => {
    await open('live');
    await page.keyboard.press('/');
    await page.keyboard.type('node:worker-3');
    await eventually(() => server.subscriptions.at(-1)).toMatchObject({ id: 'live', filter: { node: 'worker-3' } });
  });

  test('survives a thousand changes a second', async () => {
    await open('live');
    await eventually(() => server.subscriptions.some(({ id }) => id === 'live')).toBe(true);
    for (let second = 0; second < 30; second++) {
      for (let i = 0; i < 100; i++) server.announce((second * 100 + i) % server.fixture.routes.length, `64512:${i}`);
      await page.waitForTimeout(100);
    }
    await see(String(server.fixture.seq));
    expect(await rows().count()).toBeLessThan(60);
    expect(complaints).toEqual([]);
  });
});

test('a lost connection is shown and resumes', async () => {
  await open('overview');
  server.announce(0, '64512:1');
  server.send({ type: 'heartbeat', seq: server.fixture.seq, at: new Date().toISOString() });
  await page.waitForTimeout(200);
  server.cut();
  await see('Disconnected:');
  await page.getByText('live', { exact: true }).and(page.locator('.connection')).waitFor();
  expect(server.subscriptions.at(-1)).toMatchObject({ id: 'page', resumeFrom: server.fixture.seq });
});

test('asks for a token once if the collector requires it', async () => {
  await start({}, { token: 'se/cret+' });
  await page.goto(server.url);
  await page.getByLabel('Token').fill('wrong');
  await page.getByRole('button', { name: 'Continue' }).click();
  await see('Invalid token.');
  await page.getByLabel('Token').fill('se/cret+');
  await page.getByRole('button', { name: 'Continue' }).click();
  await heading('Overview');
  await page.getByText('live', { exact: true }).and(page.locator('.connection')).waitFor();
});

test('the keyboard reaches everything', async () => {
  await open('overview');
  await page.keyboard.press('Tab');
  expect(await focused()).toBe('Skip to content');

  await page.keyboard.type('gc');
  await heading('Checks');
  await rows().first().waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await eventually(focused).toContain('203.0.113.10/32');
  const row = await focused();
  await page.keyboard.press('Enter');
  await page.getByRole('complementary').waitFor();
  expect(row).toContain(await focused());
  const opened = await hash();
  await page.keyboard.press('j');
  await eventually(hash).not.toBe(opened);
  await page.keyboard.press('k');
  await eventually(hash).toBe(opened);
  await page.keyboard.press('Escape');
  await page.getByRole('complementary').waitFor({ state: 'detached' });
  expect(await focused()).toBe(row);

  await page.keyboard.type('gn');
  await heading('Neighbors');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await heading(/^192\.0\.2\./);
  await page.keyboard.press('Escape');
  await heading('Neighbors');

  await page.keyboard.type('go');
  await heading('Overview');
  await page.keyboard.press('j');
  await eventually(focused).toMatch(/missing/);

  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  expect(complaints).toEqual([]);
});
