#!/usr/bin/env node
// Committed as it is, so that the command exists before the sources are compiled and can compile them.
import { existsSync } from 'node:fs';
import { fileURLToPath, URL } from 'node:url';

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const command = new URL('../dist/cli/bin.js', import.meta.url);

/** A package brings what is compiled; a checkout has it once the compiler has come to its end. */
const isCheckout = existsSync(here('tsconfig.build.json'));
const isBuilt = () => existsSync(command) && (!isCheckout || existsSync(here('dist/.tsbuildinfo')));

if (!isBuilt() && isCheckout) await build();
if (isBuilt()) {
  await import(command);
} else {
  process.stderr.write('agentforge is not built. Run "npm ci" in its folder, then try again.\n');
  process.exitCode = 1;
}

async function build() {
  const compiler = here('node_modules/typescript/bin/tsc');
  if (!existsSync(compiler)) return;
  process.stderr.write('agentforge is compiled first, this once (about 20 s).\n');
  const { spawnSync } = await import('node:child_process');
  // Standard output belongs to the command.
  const run = (...words) => spawnSync(process.execPath, words, { stdio: ['ignore', 2, 2] });
  run(compiler, '-p', here('tsconfig.build.json'));
  if (isBuilt()) run(here('dist/build/main.js'));
}
