import { relative, resolve } from 'node:path';
import { Failure } from './failure.js';
import { packageVersion } from './package-root.js';
import { projectFiles } from './project.js';
import { HELP, readRequest } from './request.js';
import { writeProject } from './write-project.js';

/** Where the command runs and what it prints to. */
export interface CreateIo {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/**
 * The `create-agentforge` command.
 *
 * @param argv what follows the program's name
 * @returns the exit code: 0 made, 1 the disk refused, 2 the command line asks for what cannot be
 */
export async function main(argv: readonly string[], io: CreateIo): Promise<number> {
  try {
    const request = readRequest(argv, io.env);
    if (request === 'help') io.out(HELP);
    else if (request === 'version') io.out(`${packageVersion()}\n`);
    else {
      const folder = resolve(io.cwd, request.folder);
      const files = projectFiles({ ...request, folder, cwd: io.cwd });
      await writeProject(folder, files, request.force);
      io.out(farewell(relative(io.cwd, folder), [...files.keys()]));
    }
    return 0;
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    io.err(`error  ${thrown.message}\n       ${thrown.fix}\n`);
    return thrown.exitCode;
  }
}

function farewell(folder: string, files: readonly string[]): string {
  const enter = folder === '' ? '' : `cd ${quoted(folder)} && `;
  return `Wrote ${files.join(', ')}.

Now type:

  ${enter}npm install
  npx agentforge run

npm test tests the example plugin.
`;
}

function quoted(path: string): string {
  return /^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
