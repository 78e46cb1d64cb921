/** Every view in both color schemes and at common window sizes. */
import { beforeEach, describe, expect, test } from 'vitest';
import { accessibilityProblems } from '../support/accessibility.ts';
import { complaints, eventually, open, overflow, page, server, setUpPage, start } from '../support/fixture-page.ts';

setUpPage();

const views = [
  'overview',
  'diagnoses',
  'checks',
  'explain?open=203.0.113.12/32~~worker-3~',
  'routes',
  'prefix/203.0.113.11/32',
  'prefix/203.0.113.12/32?kind=object,route',
  'l2',
  'neighbors',
  'neighbor/9',
  'live',
  'service/default/web-1',
  'node/worker-4',
  'pool/public',
  'advertisement/to-the-racks',
  'overlay',
];
const drawers = ['checks?open=203.0.113.11/32~3~worker-2~tor-1', 'l2?open=default/camera-1~198.51.100.1'];

describe('every view, light and dark, at 1280 and 1024', () => {
  test.each(['light', 'dark'] as const)('is accessible in %s and logs no errors', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    for (const view of views) {
      await open(view);
      expect(await accessibilityProblems(page), view).toEqual([]);
    }
    expect(complaints).toEqual([]);
  });

  test('has no horizontal overflow at 1024 × 700', async () => {
    await page.setViewportSize({ width: 1024, height: 700 });
    for (const view of [...views, ...drawers]) {
      await open(view);
      expect(await overflow(), view).toBeLessThanOrEqual(0);
    }
  });
});

describe('on a phone, 390 × 844', () => {
  beforeEach(() => page.setViewportSize({ width: 390, height: 844 }));

  test('the navigation is above the view, without overflow or overlap', async () => {
    for (const view of views) {
      await open(view);
      expect(await overflow(), view).toBeLessThanOrEqual(0);
      const [navigation, main] = [await page.locator('nav').boundingBox(), await page.locator('main').boundingBox()];
      expect(navigation!.y + navigation!.height, view).toBeLessThanOrEqual(main!.y);
      expect(main!.width, view).toBe(390);
      expect(main!.height, view).toBeGreaterThan(500);
    }
  });

  test('the cards of the overview are stacked and fill the width', async () => {
    await open('overview');
    const boxes = await Promise.all((await page.locator('.card').all()).map((card) => card.boundingBox()));
    expect(boxes.length).toBeGreaterThan(3);
    for (const [i, box] of boxes.entries()) {
      expect(box!.width).toBe(boxes[0]!.width);
      if (i > 0) expect(box!.y).toBeGreaterThanOrEqual(boxes[i - 1]!.y + boxes[i - 1]!.height);
    }
    const cutOff = await page.locator('.overview').evaluate((view) => view.scrollWidth - view.clientWidth);
    expect(cutOff).toBe(0);
  });
});

test('the layout does not shift while answers arrive', async () => {
  await page.addInitScript(() => {
    const shifts: number[] = [];
    Object.assign(globalThis, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) shifts.push((entry as unknown as { value: number }).value);
    }).observe({ type: 'layout-shift', buffered: true });
  });
  const maxShift = 0.1; // browsers call this good
  for (const view of views) {
    await page.goto('about:blank');
    await open(view);
    await page.waitForTimeout(150);
    const sum = await page.evaluate(() =>
      (globalThis as unknown as { shifts: number[] }).shifts.reduce((total, shift) => total + shift, 0),
    );
    expect(sum, view).toBeLessThan(maxShift);
  }
});

test('long names wrap without overflow', async () => {
  const long = 'building-automation-of-the-northern-site/air-conditioning-controller-frontend-of-the-third-floor';
  for (const verdict of server.fixture.verdicts.filter(({ prefix }) => prefix === '203.0.113.10/32'))
    for (const link of verdict.expected?.chain ?? []) link.service = long;
  Object.assign(server.fixture.diagnoses[0]!, { service: long, title: `${long} ${long}` });
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 844 });
    for (const view of [`service/${long}`, 'diagnoses', 'overview', 'prefix/203.0.113.10/32']) {
      await open(view);
      expect(await overflow(), `${view} at ${width}`).toBeLessThanOrEqual(0);
    }
  }
});

test.each<[view: string, paths: string[]]>([
  ['overview', ['/neighbors', '/diagnoses', '/checks']],
  ['checks', ['/checks']],
  ['live', []],
  ['overlay', ['/expectations/overlay']],
  ['neighbor/9', ['/neighbors/9', '/neighbors/9/capabilities', '/neighbors/9/events', '/diagnoses']],
  ['service/default/web-1', ['/services/default/web-1', '/diagnoses']],
])('%s requests only what it shows, and once', async (view, paths) => {
  const requests: string[] = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith('/api/v1/')) requests.push(pathname.slice('/api/v1'.length));
  });
  await open(view);
  await page.waitForLoadState('networkidle');
  expect(new Set(requests)).toEqual(new Set(['/status', '/checks/summary', ...paths]));
  // the others are polled
  for (const path of ['/checks', '/services/default/web-1', '/neighbors/9/events', '/expectations/overlay'])
    expect(requests.filter((request) => request === path).length, path).toBeLessThanOrEqual(1);
});

test('a thousand nodes give a bounded document', async () => {
  await start({ nodes: 1_000, services: 2 });
  for (const [view, maxElements] of [
    ['prefix/203.0.113.10/32', 6_000],
    ['service/default/web-1', 2_000],
    ['explain?open=203.0.113.10/32~~~', 3_000],
    ['advertisement/to-the-racks', 2_000],
    ['neighbors', 2_000],
  ] as const) {
    await open(view);
    await eventually(() => page.locator('h1').count()).toBe(1);
    expect(await page.locator('*').count(), view).toBeLessThan(maxElements);
  }
});
