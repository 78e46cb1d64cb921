/** The page as Peerglass serves it, before and after the first speaker connects. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { complaintsOf, launchChromium } from '../support/browser.ts';
import { freePort, Product } from '../support/product.ts';
import { TestPeer } from '../support/test-peer.ts';

const web = join(import.meta.dirname, '../../web');

let browser: Browser;
let product: Product;
let page: Page;
let port: number;

beforeAll(async () => {
  if (!existsSync(join(web, 'dist/index.html')))
    await build({ configFile: join(web, 'vite.config.ts'), logLevel: 'error' });
  port = await freePort();
  product = await Product.start({
    config: {
      bgp: {
        listen: [`127.0.0.1:${port}`],
        asn: 64500,
        routerId: '192.0.2.1',
        neighbors: [{ range: '127.0.0.0/8', asn: 'any' }],
      },
    },
  });
  browser = await launchChromium();
  page = await browser.newPage();
});
afterAll(async () => {
  await browser?.close();
  await product?.stop();
  await product?.remove();
});

test('explains how to peer, then shows what the first speaker announces', async () => {
  const complaints = complaintsOf(page);
  await page.goto(product.url);
  await page.getByText('No speaker has connected yet').waitFor();
  await page.getByText(`peerPort: ${port}`).waitFor();

  const peer = await TestPeer.establish({ to: `127.0.0.1:${port}`, from: '127.0.0.11', asn: 64512 });
  await page.getByText('No speaker has connected yet').waitFor({ state: 'detached' });
  await page.keyboard.type('gl');
  await page.getByRole('heading', { name: 'Live feed' }).waitFor();
  await page.getByText('No changes since you opened this view').or(page.locator('tr.session')).first().waitFor();
  peer.announce(['203.0.113.10/32', '203.0.113.11/32'], { communities: ['64512:100'] });
  await page.locator('tr.route', { hasText: '203.0.113.10/32' }).waitFor();

  await page.keyboard.type('gr');
  await page.keyboard.press('/');
  await page.keyboard.type('within:203.0.113.0/24 64512:100');
  await page.getByText('2 routes', { exact: true }).waitFor();
  peer.withdraw(['203.0.113.11/32']);
  await page.locator('tr.withdrawn', { hasText: '203.0.113.11/32' }).waitFor();

  await page.getByRole('link', { name: '203.0.113.10/32' }).click();
  await page.getByText('No object of the cluster requires it').waitFor();
  await page.locator('.entries').getByText('announced 203.0.113.10/32').first().waitFor();
  await peer.drop();
  await page.keyboard.type('gn');
  await page.locator('tr.down', { hasText: '127.0.0.11' }).waitFor();

  await page.keyboard.type('gd');
  await page.getByText(/^Known problems: \d+ checks$/).waitFor();
  await page.keyboard.type('g2');
  await page.getByText('Layer 2 is not enabled').waitFor();
  await page.keyboard.type('gc');
  await page.getByRole('link', { name: 'Overlay rules' }).click();
  await page.getByText('No rules').waitFor();
  await page.keyboard.type('ge');
  await page.getByLabel('Prefix or address').waitFor();
  expect(complaints).toEqual([]);
});
