/** Says which files of the unit tests take so long that `npm run check` would not stay quick with more like them. */
import type { Reporter, TestModule } from 'vitest/node';

/** What a file may take, ms; on a machine that does nothing else most take a tenth of it. */
const budgetMs = 1_500;

export class SlowFiles implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const slow = modules
      .filter(({ project }) => project.name === 'unit')
      .map((module) => ({ name: module.relativeModuleId, ms: module.diagnostic().duration }))
      .filter(({ ms }) => ms > budgetMs)
      .sort((a, b) => b.ms - a.ms)
      .slice(0, 5);
    if (slow.length === 0) return;
    const lines = slow.map(({ name, ms }) => `  ${(ms / 1_000).toFixed(1)} s  ${name}`);
    console.log(`Slower than ${budgetMs / 1_000} s; let a parameter be the time, or name it *.live.test.ts:`);
    console.log(lines.join('\n'));
  }
}
