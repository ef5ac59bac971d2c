import { spawn, spawnSync } from 'node:child_process';

/** A program on a terminal, as somebody who sits there sees it. */
export interface PseudoTerminal {
  /** Type something; `\x03` is Ctrl-C, `\x04` Ctrl-D, `\r` the return key. */
  type(text: string): void;
  /**
   * Wait until something is shown, and take all up to its end.
   * @throws Error with what was shown instead, when it does not come
   */
  until(shown: string): Promise<string>;
  /** What was shown since, and the exit code. */
  end(): Promise<{ readonly shown: string; readonly code: number | null }>;
}

const PATIENCE_MS = 120_000;

/** Start a command on a terminal of its own, with `script` of util-linux. @throws Error where that is not there */
export function onTerminal(words: readonly string[], cwd: string): PseudoTerminal {
  if (spawnSync('script', ['--version']).status !== 0)
    throw new Error(
      'This test needs `script` of util-linux (Debian: bsdutils, bsdextrautils) for a terminal.',
    );
  const { CI: _, ...env } = process.env;
  const command = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const child = spawn('script', ['-qfec', command, '/dev/null'], {
    cwd,
    env: { ...env, TERM: 'xterm', NO_COLOR: '1' },
  });
  let shown = '';
  let wake: () => void = () => undefined;
  child.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
    wake();
  });
  const code = new Promise<number | null>((done) => child.on('close', done));
  let isOver = false;
  void code.then(() => {
    isOver = true;
    wake();
  });
  return {
    type: (text) => void child.stdin.write(text),
    until: async (wanted) => {
      const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
      while (!shown.includes(wanted) && !isOver) await new Promise<void>((next) => (wake = next));
      clearTimeout(late);
      const at = shown.indexOf(wanted);
      if (at < 0) throw new Error(`${JSON.stringify(wanted)} was not shown, but ${JSON.stringify(shown)}`);
      const taken = shown.slice(0, at + wanted.length);
      shown = shown.slice(at + wanted.length);
      return taken;
    },
    end: async () => ({ code: await code, shown }),
  };
}
