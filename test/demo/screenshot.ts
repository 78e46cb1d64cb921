/**
 * The picture in the README, taken anew: the demo's overview with three faults in it.
 *
 *     node test/demo/screenshot.ts
 */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { launchChromium } from '../support/browser.ts';
import { start } from '../support/processes.ts';
import { until } from '../support/wait.ts';

const target = join(import.meta.dirname, '../../web/screenshot.png');
/** ms until three faults have come and their grace is over. */
const threeFaults = 27_000;

const demo = start([process.execPath, join(import.meta.dirname, 'demo.ts')]);
const browser = await launchChromium();
try {
  const url = await until('the demo runs', () => /the page: (\S+)/.exec(demo.log())?.[1], {
    context: () => demo.log(),
  });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(url);
  await delay(threeFaults);
  await page.screenshot({ path: target });
} finally {
  await browser.close();
  await demo.stop('SIGINT');
}
