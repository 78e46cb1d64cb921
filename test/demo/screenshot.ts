/**
 * Takes the screenshot of the README: the overview of the demo with three faults.
 *
 *     node test/demo/screenshot.ts
 */
import { join } from 'node:path';
import { launchChromium } from '../support/browser.ts';
import { start } from '../support/processes.ts';
import { until } from '../support/wait.ts';

const target = join(import.meta.dirname, '../../web/screenshot.png');
const demo = start([process.execPath, join(import.meta.dirname, 'demo.ts')]);
const browser = await launchChromium();
try {
  const url = await until('the demo runs', () => /page: (\S+)/.exec(demo.log())?.[1], {
    context: () => demo.log(),
  });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(url);
  await page.locator('.problems li').nth(2).waitFor({ timeout: 60_000 });
  await page.screenshot({ path: target });
} finally {
  await browser.close();
  await demo.stop('SIGINT');
}
