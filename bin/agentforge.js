#!/usr/bin/env node
// Committed as it is, so that the command exists before the sources are compiled and can say so.
import { existsSync } from 'node:fs';
import { URL } from 'node:url';

const built = new URL('../dist/cli/bin.js', import.meta.url);

if (existsSync(built)) {
  await import(built);
} else {
  process.stderr.write(
    'agentforge is not built yet. Run "npm ci" (or "npm run build") in its folder first.\n',
  );
  process.exitCode = 1;
}
