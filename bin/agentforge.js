#!/usr/bin/env node
// Committed as it is, so that the command exists before the sources are compiled and can compile them.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath, URL } from 'node:url';

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const command = new URL('../dist/cli/bin.js', import.meta.url);

/** A package brings what is compiled; a checkout has it once the compiler has come to its end. */
const isCheckout = existsSync(here('tsconfig.build.json'));
const isBuilt = () => existsSync(command) && (!isCheckout || existsSync(here('dist/.tsbuildinfo')));

if (!isBuilt() && isCheckout) build();
if (isBuilt()) {
  await import(command);
} else {
  process.stderr.write('agentforge is not built. Run "npm ci" in its folder, then try again.\n');
  process.exitCode = 1;
}

function build() {
  const compiler = here('node_modules/typescript/bin/tsc');
  if (!existsSync(compiler)) return;
  process.stderr.write('agentforge is compiled first, this once (about 20 s).\n');
  // Standard output belongs to the command.
  spawnSync(process.execPath, [compiler, '-p', here('tsconfig.build.json')], { stdio: ['ignore', 2, 2] });
}
