/** The page explains what is wrong, why, and since when. In Chromium with test data. */
import { describe, expect, test } from 'vitest';
import { accessibilityProblems } from '../support/accessibility.ts';
import {
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
} from '../support/fixture-page.ts';

setUpPage();

const drawer = () => page.getByRole('complementary');

describe('diagnoses', () => {
  const titles = () => page.locator('.diagnosis h2').allInnerTexts();

  test('are listed worst first with severity, text and fix', async () => {
    await open('diagnoses');
    const severities = await page.locator('.diagnosis .badge').allInnerTexts();
    expect(severities).toEqual(['critical', 'critical', 'warning', 'warning', 'info']);
    const first = page.locator('.diagnosis').first();
    await first.getByText('Fix: Look at the node first').waitFor();
    await first.getByText('Evidence', { exact: true }).click();
    await first.getByRole('link', { name: 'neighbor 9' }).waitFor();
    await first.getByRole('link', { name: 'worker-5' }).click();
    await heading('Node worker-5');
  });

  test('are filtered by buttons and terms, which are part of the URL', async () => {
    await open('diagnoses');
    await page.getByRole('button', { name: /^warning/ }).click();
    await eventually(titles).toHaveLength(2);
    expect(await hash()).toBe('#/diagnoses?q=severity:warning');
    await page.keyboard.press('/');
    await page.keyboard.type('node:worker-3');
    await eventually(titles).toEqual(['An aggregate draws traffic to nodes that cannot serve it']);
  });

  test('list the known problems if none is found', async () => {
    server.fixture.diagnoses.length = 0;
    await open('diagnoses');
    await see('No problems found');
    await see('7 checks run continuously');
    await see('names in spec.peers of a BGPAdvertisement that match no BGPPeer, or one that selects no node');
  });

  test('take the focus one by one with the keyboard', async () => {
    await open('overview');
    await page.keyboard.type('gd');
    await heading('Diagnoses');
    await page.locator('.diagnosis').first().waitFor();
    await page.keyboard.press('j');
    await eventually(focused).toContain('fell silent');
    await page.keyboard.press('j');
    await eventually(focused).toContain('An aggregate draws traffic');
  });

  test('are counted on the overview and shown on the views of their objects', async () => {
    await open('overview');
    const card = page.getByRole('region', { name: 'Diagnoses' });
    expect(await card.locator('.counts').innerText()).toMatch(/2\s+critical\s+2\s+warning\s+1\s+info/);
    for (const [place, title] of [
      ['neighbor/9', 'The speaker of worker-5 fell silent'],
      ['prefix/203.0.113.12/32', 'Two advertisements want another local preference'],
      ['service/default/web-1', 'Every node announces it'],
      ['node/worker-3', 'An aggregate draws traffic'],
    ] as const) {
      await open(place);
      await page.getByRole('region', { name: 'Diagnoses' }).getByText(title).waitFor();
    }
  });
});

describe('layer 2', () => {
  test('shows elected, reported and answering nodes, with details in the drawer', async () => {
    await open('l2');
    expect(await rows().count()).toBe(9);
    await page.getByRole('button', { name: /^two-owners/ }).click();
    await eventually(() => rows().count()).toBe(1);
    await rows().first().locator('.verdict').click();
    await drawer().getByText('both answer ARP').waitFor();
    expect(await drawer().locator('.l2-seen tbody tr').count()).toBe(2);
    await drawer().getByText('52:54:00:12:34:12', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await drawer().waitFor({ state: 'detached' });
  });

  test('explains how to enable it', async () => {
    server.fixture.status.l2 = null;
    server.fixture.l2.length = 0;
    await open('l2');
    await see('Layer 2 is not enabled');
    expect(await page.locator('.empty pre').innerText()).toBe('l2:\n  interfaces: auto\n  probe: 10s');
  });
});

describe('the timeline of a prefix', () => {
  const entries = () => page.locator('.entries > li');

  test('lists the edit, its author and its effects, newest first', async () => {
    await open('prefix/203.0.113.10/32');
    const texts = await entries().allInnerTexts();
    const edit = texts.findIndex((text) => text.includes('was changed by kubectl-edit: spec.nodeSelectors nothing →'));
    expect(texts[edit - 1]).toContain('no longer expected');
    expect(texts[edit - 2]).toContain('16 sessions on 8 nodes: withdrawn');
    expect(texts[0]).toContain('ok');
    await entries()
      .nth(edit - 2)
      .getByText('Show entries')
      .click();
    await eventually(() => page.locator('.members li').count()).toBe(16);
    await entries().nth(edit).getByRole('link', { name: 'to-the-racks' }).click();
    await heading('BGPAdvertisement to-the-racks');
  });

  test('has a chart with a description and clickable marks', async () => {
    await open('prefix/203.0.113.10/32');
    await page.getByRole('img', { name: /objects 2, expectations 2, sessions 2, routes 32/ }).waitFor();
    await page.locator('.lanes .mark').first().click();
    await eventually(focused).toContain('was changed: spec.nodeSelectors');
  });

  test('filters by kind and time range, which are part of the URL', async () => {
    await open('prefix/203.0.113.10/32');
    await page.getByRole('button', { name: 'Objects' }).click();
    await eventually(() => entries().count()).toBe(2);
    expect(await hash()).toBe('#/prefix/203.0.113.10/32?kind=object');
    await page.getByRole('button', { name: 'last 1h' }).click();
    await see('No stored changes match these filters.');
    await page.getByRole('button', { name: 'Objects' }).click();
    await eventually(() => entries().count()).toBe(4);
  });
});

describe('expected, reported, received', () => {
  test('are in every cell of a prefix, as words for screen readers', async () => {
    await open('prefix/203.0.113.12/32');
    const cell = page.locator('.matrix tr', { hasText: 'worker-3' }).locator('.agreement').first();
    expect((await cell.innerText()).replace(/\s+/g, ' ')).toBe('expected yes reported yes received no');
  });

  test('have sentences in the drawer, with the contradiction', async () => {
    await open('checks?open=203.0.113.12/32~5~worker-3~tor-1');
    await drawer().getByText('The cluster believes that it announces this, and nothing arrives.').waitFor();
    await drawer().getByText('A ServiceBGPStatus of worker-3 names tor-1').waitFor();
  });
});

describe('why', () => {
  test('a Service shows the graph to its prefixes, the rules, and where it is not announced', async () => {
    await open('service/default/web-1');
    const boxes = page.locator('.graph-box');
    expect(await boxes.count()).toBe(10);
    await page.getByRole('list', { name: 'Node' }).getByText('6 nodes, worker-1 …').waitFor();
    await see('spec.peers is empty: it is for every BGPPeer');
    await see('nodeExcluded');
    await see('Node control-2 has the label node.kubernetes.io/exclude-from-external-load-balancers');
    await page.getByRole('list', { name: 'IPAddressPool' }).getByRole('link', { name: 'public' }).click();
    await heading('IPAddressPool public');
    await page.getByRole('link', { name: 'to-the-racks' }).first().click();
    await heading('BGPAdvertisement to-the-racks');
  });

  test('an unknown object says so', async () => {
    await open('service/default/nothing');
    await see('Object not found');
  });

  test('a Node shows its configuration, its latency and what it does not announce', async () => {
    await open('node/worker-3');
    await see('median 1.3 s, 99% within 4.8 s');
    await see('noLocalEndpoints');
    await open('node/worker-4');
    await see('An earlier configuration is in effect:');
    await see('invalid: community “no-such-alias” is not defined');
  });

  test('explains a prefix, also one that no pool covers', async () => {
    await open('explain');
    await see('Why is a prefix announced or not announced?');
    await page.getByLabel('Prefix or address').fill('9.9.9.9');
    await page.getByLabel('Node').fill('worker-1');
    await page.getByLabel('BGPPeer').fill('tor-1');
    await page.keyboard.press('Enter');
    await see('Node worker-1 does not announce 9.9.9.9/32 to BGPPeer tor-1: no IPAddressPool covers 9.9.9.9/32.');
    expect(await hash()).toBe('#/explain?open=9.9.9.9~~worker-1~tor-1');
    await page.getByLabel('Prefix or address').fill('203.0.113.12/32');
    await page.getByLabel('Node').fill('worker-3');
    await page.getByRole('button', { name: 'Explain' }).click();
    await see('fails here');
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test('an unknown prefix links to its explanation', async () => {
    await open('prefix/9.9.9.9/32');
    await page.getByRole('link', { name: 'Why is it not announced?' }).click();
    await see('Node worker-1 does not announce 9.9.9.9/32');
  });

  test('a verdict links to the Service, the pool and its explanation', async () => {
    await open('checks?open=203.0.113.12/32~5~worker-3~tor-1');
    await drawer().getByRole('link', { name: 'edge/ingress-3' }).waitFor();
    await drawer().getByRole('link', { name: 'public', exact: true }).waitFor();
    await drawer().getByRole('link', { name: 'Why?', exact: true }).click();
    await heading('Why');
    expect(await page.getByLabel('Node').inputValue()).toBe('worker-3');
  });
});

test('the search box finds Services and Nodes by part of their name, using only the keyboard', async () => {
  await open('overview');
  await page.keyboard.press('/');
  await page.keyboard.type('registry-6');
  await page.getByRole('list', { name: 'Search results' }).getByText('edge/registry-6').waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await heading('Service edge/registry-6');
  await page.keyboard.press('/');
  await page.keyboard.type('worker-7');
  await page.getByRole('link', { name: /node worker-7/ }).click();
  await heading('Node worker-7');
});

describe('suppressed', () => {
  test('names the rule with owner, reason and expiry, and links to the rules', async () => {
    await open('checks?q=verdict:suppressed');
    await rows().first().locator('.verdict').click();
    await drawer().getByText('The rack is moved').waitFor();
    await drawer().getByText('network@example.net').waitFor();
    await drawer().getByText('in 2 d').waitFor();
    await drawer().getByRole('link', { name: 'rack-4-moves' }).click();
    await heading('Overlay rules');
    expect(await page.locator('.overlay-rules tr.open').innerText()).toContain('rack-4-moves');
    await page.locator('.overlay-rules tr.expired', { hasText: 'old-proxy' }).getByText('expired').waitFor();
  });

  test('a must rule has its own row', async () => {
    await open('checks?q=prefix:203.0.113.253/32');
    await rows().first().locator('.verdict').click();
    await drawer().getByText('none announces it').waitFor();
    await drawer().getByRole('link', { name: 'anycast-dns' }).waitFor();
    await open('prefix/203.0.113.253/32');
    await page.locator('.matrix .cell', { hasText: 'rule anycast-dns' }).click();
    await drawer().getByText('Resolvers of the site').waitFor();
  });

  test('the view without rules explains how to write one', async () => {
    server.fixture.overlay.rules.length = 0;
    await open('overlay');
    await see('No rules');
    await see('rule: ignore');
  });
});

test('sources show their age and the kinds that Peerglass cannot read', async () => {
  await open('overview');
  const sources = page.getByRole('region', { name: 'Sources' });
  await sources.getByText('1,204 objects, read').waitFor();
  await sources.getByText('the watch ends with 503; trying again in 20 s').waitFor();
  await sources.getByText('6 kinds in sync').click();
  await sources.getByText('EndpointSlice').waitFor();
  await see('no permission to read Secret; reading ServiceBGPStatus fails, keeping the objects read last.');
});
