/** The built page in Chromium against made-up data, for tests that move the data and look at the page. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { complaintsOf, launchChromium } from './browser.ts';
import { type FixtureOptions, makeFixture } from './fixture-data.ts';
import { type FixtureServer, type FixtureServerOptions, startFixtureServer } from './fixture-server.ts';

let folder: string;
let browser: Browser;
/** Those of the test that runs. */
export let server: FixtureServer;
export let page: Page;
/** What the page complained of in its console. */
export let complaints: string[];

/** Builds the page once for the file, and gives every test a fresh server and a fresh tab, 1280 × 800. */
export function setUpPage(): void {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'peerglass-page-'));
    await build({
      configFile: join(import.meta.dirname, '../../web/vite.config.ts'),
      logLevel: 'error',
      build: { outDir: folder },
    });
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    await start();
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(10_000);
    complaints = complaintsOf(page);
  });
  afterEach(async () => {
    await page.close();
    await server.close();
  });
}

/** Starts the server anew, for a cluster of another size. */
export async function start(
  fixture: Partial<FixtureOptions> = {},
  options: Partial<FixtureServerOptions> = {},
): Promise<void> {
  await server?.close();
  server = await startFixtureServer({
    fixture: makeFixture({ now: Date.now(), nodes: 8, services: 24, ...fixture }),
    page: folder,
    ...options,
  });
}

/** Opens a place and waits until it shows the cluster and the feed is live. */
export async function open(place: string): Promise<void> {
  await page.goto(`${server.url}/#/${place}`);
  await page.getByText('live', { exact: true }).and(page.locator('.connection')).waitFor();
  await eventually(() => page.getByText('Loading …').count()).toBe(0);
}

/** Like expect.poll, with time enough for a busy machine. */
export const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 10_000 });

export const see = (text: string | RegExp) => page.getByText(text).first().waitFor();
export const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor();
export const rows = () => page.locator('.table-box tbody:not(.spacer) tr');
/** Pixels that the page is too wide. */
export const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
export const hash = () => page.evaluate(() => decodeURIComponent(location.hash));
export const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');
