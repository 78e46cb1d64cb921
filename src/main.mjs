/**
 * Entry point of every command, for a Node that strips types; `peerglass.mjs` ensures that. Plain JavaScript, so that a
 * start with a full compile cache does not load the type stripper, which takes 20 MiB and 150 ms.
 */
import module from 'node:module';

// Cache stripped types. Threads read the variable.
process.env['NODE_COMPILE_CACHE'] ??= new URL('../node_modules/.cache/peerglass', import.meta.url).pathname;
module.enableCompileCache(process.env['NODE_COMPILE_CACHE']);
const { defect, run } = await import('./commands/index.ts');
// ignore a reader that has closed the pipe (`| head`)
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
if (process.argv[2] !== 'serve') process.on('uncaughtException', defect);
await run(process.argv.slice(2));
