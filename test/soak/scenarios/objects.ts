/** Manifests that are edited while watched: valid, broken and hostile. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../support/wait.ts';
import { serviceCount, serviceKey, sessionCount } from '../addresses.ts';
import { manifestFile, manifests } from '../collector.ts';
import { range, type Scenario } from './scenario.ts';

const hostile: Record<string, string> = {
  'broken.yaml': 'apiVersion: v1\nkind: [unclosed\n  - "\n',
  'constructor.yaml': 'apiVersion: constructor\nkind: __proto__\nmetadata: {name: toString}\n',
  'many-keys.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: keys}\ndata:\n${range(0, 32_000)
    .map((i) => `  k${i}:\n`)
    .join('')}`,
  'deep.yaml': '['.repeat(50_000),
  'aliases.yaml': `a: &a [x, x]\n${range(0, 20)
    .map((i) => `b${i}: &b${i} [${i === 0 ? '*a, *a' : `*b${i - 1}, *b${i - 1}`}]`)
    .join('\n')}\n`,
  'binary.yaml': '\u0000\u0001\ufffe'.repeat(10_000),
};

export const edits: Scenario = {
  name: 'edits',
  what: 'a service goes and comes back, then broken and hostile files appear in the folder and go',
  async run({ product, speakers, random }) {
    const gone = random.integer(1, 10);
    const sessions = range(0, sessionCount);
    const firstGone = serviceKey(serviceCount - gone);
    product.manifest(manifestFile, manifests(serviceCount - gone));
    await until(`${gone} services are gone: their routes are unexpected`, async () => {
      const { verdicts } = await product.status();
      return verdicts.unexpected === sessionCount * gone && verdicts.ok === sessionCount * (serviceCount - gone);
    });
    await speakers.withdraw(sessions, firstGone, gone);
    const names = random.shuffle(Object.keys(hostile)).slice(0, 4);
    try {
      for (const name of names) product.manifest(name, hostile[name]!);
      await until('the source says what is wrong', async () => {
        const { sources } = await product.status();
        return sources.some(({ problems }) => problems.length > 0);
      });
      product.manifest(manifestFile, manifests());
      await until('the services are expected again although hostile files lie beside them', async () => {
        const { verdicts } = await product.status();
        return verdicts.missing === sessionCount * gone;
      });
    } finally {
      product.manifest(manifestFile, manifests());
      for (const name of names) rmSync(join(product.directory, 'manifests', name));
    }
    await speakers.announce(sessions, firstGone, gone);
  },
};
