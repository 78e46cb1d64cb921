/** Entry of every command, for a Node that strips types; `peerglass.mjs` sees to that. */
import module from 'node:module';

// Types are stripped once and kept: each thread that does it itself needs 15 MB more. Threads read the variable.
process.env['NODE_COMPILE_CACHE'] ??= new URL('../node_modules/.cache/peerglass', import.meta.url).pathname;
module.enableCompileCache(process.env['NODE_COMPILE_CACHE']);
const { run } = await import('./commands/index.ts');
await run(process.argv.slice(2));
