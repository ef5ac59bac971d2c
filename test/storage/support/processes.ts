import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const SCRIPT = join(process.cwd(), 'test', 'storage', 'support', 'child.mjs');

/** A child process of a test, with the lines it printed so far. */
export interface Child {
  readonly process: ChildProcessWithoutNullStreams;
  readonly lines: readonly string[];
  /** Resolves when that many lines are there. */
  printed(count: number): Promise<void>;
  /** SIGKILL, and wait until it is gone. */
  kill(): Promise<void>;
  /** Wait for its end; gives the exit code. */
  ended(): Promise<number | null>;
}

/** Start child.mjs. What it prints on stderr fails the test that waits for it. */
export function startChild(task: string, folder: string, name = ''): Child {
  const child = spawn(process.execPath, [SCRIPT, task, folder, name]);
  const lines: string[] = [];
  let complaint = '';
  let exit: { readonly code: number | null } | null = null;
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  child.stderr.on('data', (data: Buffer) => (complaint += data.toString()));
  child.on('close', (code) => (exit = { code }));
  const gone = async (): Promise<number | null> => {
    if (exit === null) await once(child, 'close');
    return exit?.code ?? null;
  };
  return {
    process: child,
    lines,
    async printed(count) {
      while (lines.length < count) {
        if (exit !== null) throw new Error(`the child ended: ${complaint}`);
        await Promise.race([once(reader, 'line'), once(child, 'close')]);
      }
    },
    async kill() {
      child.kill('SIGKILL');
      await gone();
    },
    async ended() {
      const code = await gone();
      if (complaint !== '') throw new Error(complaint);
      return code;
    },
  };
}
