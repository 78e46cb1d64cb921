#!/usr/bin/env node
/** Entry of every command. Checks the runtime before anything that an older one could not load. */
const oldest = 24;
if (Number(process.versions.node.split('.')[0]) < oldest) {
  process.stderr.write(
    `peerglass needs Node ${oldest} or newer, this is ${process.versions.node}: use "npm start", which brings its own\n`,
  );
  process.exit(78);
}
const { run } = await import('./commands/index.ts');
await run(process.argv.slice(2));

export {};
