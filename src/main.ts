#!/usr/bin/env node
/** Entry of every command. Checks the runtime before anything that an older one could not load. */
import module from 'node:module';

const oldest = 24;
if (Number(process.versions.node.split('.')[0]) < oldest) {
  process.stderr.write(
    `peerglass needs Node ${oldest} or newer, this is ${process.versions.node}: use "npm start", which brings its own\n`,
  );
  process.exit(78);
}
// Types are stripped once and kept: each thread that does it itself needs 15 MB more. Threads read the variable.
process.env['NODE_COMPILE_CACHE'] ??= new URL('../node_modules/.cache/peerglass', import.meta.url).pathname;
module.enableCompileCache(process.env['NODE_COMPILE_CACHE']);
const { run } = await import('./commands/index.ts');
await run(process.argv.slice(2));
