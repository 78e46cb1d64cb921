/**
 * Entry of every command, for a Node that strips types; `peerglass.mjs` sees to that. Plain JavaScript, so that a
 * start with everything in the compile cache does not load the compiler of types: 20 MiB and 150 ms.
 */
import module from 'node:module';

// Types are stripped once and kept. Threads read the variable.
process.env['NODE_COMPILE_CACHE'] ??= new URL('../node_modules/.cache/peerglass', import.meta.url).pathname;
module.enableCompileCache(process.env['NODE_COMPILE_CACHE']);
const { defect, run } = await import('./commands/index.ts');
// a reader that has gone (`| head`) is no mistake
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
if (process.argv[2] !== 'serve') process.on('uncaughtException', defect);
await run(process.argv.slice(2));
