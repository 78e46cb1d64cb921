#!/usr/bin/env node
/** The command `peerglass`: plain JavaScript, since a Node that is too old for the rest must be able to read it. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const oldest = 24;
const installed = fileURLToPath(new URL('../node_modules', import.meta.url));
const ownNode = `${installed}/.bin/node`;
const main = fileURLToPath(new URL('./main.mjs', import.meta.url));

// npm writes this file last
if (!existsSync(`${installed}/.package-lock.json`))
  refuse('not everything is installed here yet: run "npm ci", or "npm start", which does it');
else if (Number(process.versions.node.split('.')[0]) >= oldest) await import('./main.mjs');
else if (existsSync(ownNode)) runWith(ownNode);
else refuse(`needs Node ${oldest} or newer, this is ${process.versions.node}`);

/** @param {string} text */
function refuse(text) {
  process.stderr.write(`peerglass: ${text}\n`);
  process.exitCode = 78;
}

/**
 * The same command with another Node, which gets our signals and whose end is ours.
 * @param {string} node
 */
function runWith(node) {
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => refuse(error.message));
  child.on('exit', (code) => {
    // ended by a signal: 1 would say that there are findings
    process.exitCode = code ?? 2;
  });
}
