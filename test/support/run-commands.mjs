import { readFileSync } from 'node:fs';
import { main } from '../../dist/cli/main.js';

/**
 * The built command, once for every line of a list on standard input (`[{ "cwd", "argv" }]`), one after the other: most
 * of what a command takes that answers at once is the loading of its modules. Prints `[{ "exitCode", "stdout", "stderr" }]`.
 */
const print = process.stdout.write.bind(process.stdout);
const finished = [];
for (const { cwd, argv } of JSON.parse(readFileSync(0, 'utf8'))) {
  process.chdir(cwd);
  const printed = { stdout: '', stderr: '' };
  const streamOf = (name) => ({
    isTTY: false,
    columns: 80,
    write: (text) => {
      printed[name] += String(text);
      return true;
    },
  });
  // Also what a plugin, a loader or Node itself prints.
  for (const name of ['stdout', 'stderr']) process[name].write = streamOf(name).write;
  const exitCode = await main(argv, {
    stdin: process.stdin,
    stdout: streamOf('stdout'),
    stderr: streamOf('stderr'),
    cwd,
    env: process.env,
    onInterrupt: () => () => undefined,
    quit: (code) => process.exit(code),
  });
  finished.push({ exitCode, ...printed });
}
print(JSON.stringify(finished), () => process.exit(0));
