/** Does the page answer what is wrong, why, and since when? Made-up data, in Chromium. */
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

  test('are read worst first: how bad in a word, what is so, what to do', async () => {
    await open('diagnoses');
    const severities = await page.locator('.diagnosis .badge').allInnerTexts();
    expect(severities).toEqual(['critical', 'critical', 'warning', 'warning', 'info']);
    const first = page.locator('.diagnosis').first();
    await first.getByText('What to do: Look at the node first').waitFor();
    await first.getByText('What this rests on').click();
    await first.getByRole('link', { name: 'neighbor 9' }).waitFor();
    await first.getByRole('link', { name: 'worker-5' }).click();
    await heading('Node worker-5');
  });

  test('are narrowed by what is pressed or typed, and the URL says so', async () => {
    await open('diagnoses');
    await page.getByRole('button', { name: /^warning/ }).click();
    await eventually(titles).toHaveLength(2);
    expect(await hash()).toBe('#/diagnoses?q=severity:warning');
    await page.keyboard.press('/');
    await page.keyboard.type('node:worker-3');
    await eventually(titles).toEqual(['An aggregate draws traffic to nodes that cannot serve it']);
  });

  test('that are none say what was looked for', async () => {
    server.fixture.diagnoses.length = 0;
    await open('diagnoses');
    await see('No trouble was found');
    await see('7 checks look for it all the time');
    await see('names in spec.peers of a BGPAdvertisement that match no BGPPeer, or one that selects no node');
  });

  test('go from one to the next by the keyboard', async () => {
    await open('overview');
    await page.keyboard.type('gd');
    await heading('Diagnoses');
    await page.locator('.diagnosis').first().waitFor();
    await page.keyboard.press('j');
    await eventually(focused).toContain('fell silent');
    await page.keyboard.press('j');
    await eventually(focused).toContain('An aggregate draws traffic');
  });

  test('are counted on the overview, and told where they matter', async () => {
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
  test('shows who should, who says so and who does, and the rest beside it', async () => {
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

  test('says how to have it watched when it is not', async () => {
    server.fixture.status.l2 = null;
    server.fixture.l2.length = 0;
    await open('l2');
    await see('Layer 2 is not watched');
    expect(await page.locator('.empty pre').innerText()).toBe('l2:\n  interfaces: auto\n  probe: 10s');
  });
});

describe('the timeline of a prefix', () => {
  const entries = () => page.locator('.entries > li');

  test('names the edit, who made it, what it did to expectations and routes, newest first', async () => {
    await open('prefix/203.0.113.10/32');
    const texts = await entries().allInnerTexts();
    const edit = texts.findIndex((text) => text.includes('was changed by kubectl-edit: spec.nodeSelectors nothing →'));
    expect(texts[edit - 1]).toContain('no longer expected');
    expect(texts[edit - 2]).toContain('16 sessions on 8 nodes: withdrawn');
    expect(texts[0]).toContain('ok');
    await entries()
      .nth(edit - 2)
      .getByText('One by one')
      .click();
    await eventually(() => page.locator('.members li').count()).toBe(16);
    await entries().nth(edit).getByRole('link', { name: 'to-the-racks' }).click();
    await heading('BGPAdvertisement to-the-racks');
  });

  test('is a picture too, that says what it shows and leads to the entry', async () => {
    await open('prefix/203.0.113.10/32');
    await page.getByRole('img', { name: /2 of objects, 2 of expectations, 2 of sessions, 32 of routes/ }).waitFor();
    await page.locator('.lanes .mark').first().click();
    await eventually(focused).toContain('was changed: spec.nodeSelectors');
  });

  test('shows the kinds and the span that are asked for, and keeps them in the URL', async () => {
    await open('prefix/203.0.113.10/32');
    await page.getByRole('button', { name: 'Objects' }).click();
    await eventually(() => entries().count()).toBe(2);
    expect(await hash()).toBe('#/prefix/203.0.113.10/32?kind=object');
    await page.getByRole('button', { name: 'last 1h' }).click();
    await see('Nothing of that kind is remembered for this span.');
    await page.getByRole('button', { name: 'Objects' }).click();
    await eventually(() => entries().count()).toBe(4);
  });
});

describe('should, says, is', () => {
  test('are in every cell of a prefix, in words for those who listen', async () => {
    await open('prefix/203.0.113.12/32');
    const cell = page.locator('.matrix tr', { hasText: 'worker-3' }).locator('.agreement').first();
    expect((await cell.innerText()).replace(/\s+/g, ' ')).toBe('should yes says yes is no');
  });

  test('are told with their sentences in the drawer, and who disagrees', async () => {
    await open('checks?open=203.0.113.12/32~5~worker-3~tor-1');
    await drawer().getByText('The cluster believes that it announces this, and nothing arrives.').waitFor();
    await drawer().getByText('A ServiceBGPStatus of worker-3 names tor-1').waitFor();
  });
});

describe('why', () => {
  test('a Service shows its way to the prefixes as a picture of links, with the rules, and the absences', async () => {
    await open('service/default/web-1');
    const boxes = page.locator('.way-box');
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

  test('an object that is not there says so', async () => {
    await open('service/default/nothing');
    await see('There is no such object');
  });

  test('a Node shows its sessions, its configuration, its times and what it leaves out', async () => {
    await open('node/worker-3');
    await see('half within 1.3 s, 99% within 4.8 s');
    await see('noLocalEndpoints');
    await open('node/worker-4');
    await see('An earlier configuration is in force:');
    await see('invalid: community “no-such-alias” is not defined');
  });

  test('a question about a prefix is answered, and about one that is not there', async () => {
    await open('explain');
    await see('Why is a prefix announced, or why is it not?');
    await page.getByLabel('Prefix or address').fill('9.9.9.9');
    await page.getByLabel('Node').fill('worker-1');
    await page.getByLabel('BGPPeer').fill('tor-1');
    await page.keyboard.press('Enter');
    await see('Node worker-1 does not announce 9.9.9.9/32 to BGPPeer tor-1: no IPAddressPool covers 9.9.9.9/32.');
    expect(await hash()).toBe('#/explain?open=9.9.9.9~~worker-1~tor-1');
    await page.getByLabel('Prefix or address').fill('203.0.113.12/32');
    await page.getByLabel('Node').fill('worker-3');
    await page.getByRole('button', { name: 'Ask' }).click();
    await see('it breaks here');
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test('a prefix that nobody has leads there', async () => {
    await open('prefix/9.9.9.9/32');
    await page.getByRole('link', { name: 'Why nothing does' }).click();
    await see('Node worker-1 does not announce 9.9.9.9/32');
  });

  test('a verdict leads to the Service, the pool and the question', async () => {
    await open('checks?open=203.0.113.12/32~5~worker-3~tor-1');
    await drawer().getByRole('link', { name: 'edge/ingress-3' }).waitFor();
    await drawer().getByRole('link', { name: 'public', exact: true }).waitFor();
    await drawer().getByRole('link', { name: 'Why', exact: true }).click();
    await heading('Why');
    expect(await page.getByLabel('Node').inputValue()).toBe('worker-3');
  });
});

test('the search box finds Services and Nodes by a part of their name, by the keyboard alone', async () => {
  await open('overview');
  await page.keyboard.press('/');
  await page.keyboard.type('registry-6');
  await page.getByRole('list', { name: 'Known under this name' }).getByText('edge/registry-6').waitFor();
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
  test('says which rule, whose, why and until when, and leads to the rules', async () => {
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

  test('a rule that must hold has a row of its own, beside those of sessions', async () => {
    await open('checks?q=prefix:203.0.113.253/32');
    await rows().first().locator('.verdict').click();
    await drawer().getByText('none announces it').waitFor();
    await drawer().getByRole('link', { name: 'anycast-dns' }).waitFor();
    await open('prefix/203.0.113.253/32');
    await page.locator('.matrix .cell', { hasText: 'rule anycast-dns' }).click();
    await drawer().getByText('Resolvers of the site').waitFor();
  });

  test('without rules says how to write one', async () => {
    server.fixture.overlay.rules.length = 0;
    await open('overlay');
    await see('There are none');
    await see('rule: ignore');
  });
});

test('sources say how old they are and where they are blind', async () => {
  await open('overview');
  const sources = page.getByRole('region', { name: 'Sources' });
  await sources.getByText('1,204 objects, read').waitFor();
  await sources.getByText('the watch ends with 503; trying again in 20 s').waitFor();
  await sources.getByText('6 kinds in sync').click();
  await sources.getByText('EndpointSlice').waitFor();
  await see('Secret may not be read; ServiceBGPStatus cannot be read at present, the last good state is kept.');
});
