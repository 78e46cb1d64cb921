/**
 * Takes the screenshot of the README: the overview of the demo with three faults.
 *
 *     node test/demo/screenshot.ts
 */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { launchChromium } from '../support/browser.ts';
import { start } from '../support/processes.ts';
import { until } from '../support/wait.ts';

const target = join(import.meta.dirname, '../../web/screenshot.png');
/** Milliseconds until three faults are active and their grace period is over. */
const threeFaultsDelay = 27_000;

const demo = start([process.execPath, join(import.meta.dirname, 'demo.ts')]);
const browser = await launchChromium();
try {
  const url = await until('the demo runs', () => /page: (\S+)/.exec(demo.log())?.[1], {
    context: () => demo.log(),
  });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(url);
  await delay(threeFaultsDelay);
  await page.screenshot({ path: target });
} finally {
  await browser.close();
  await demo.stop('SIGINT');
}
