import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Answer, WorkerMessage } from './worker.js';

/** A document that showed something that must not be. */
export interface Fault {
  readonly kind: string;
  readonly index: number;
  readonly answer: Answer | 'hang' | 'crash';
  readonly detail: string;
  /** Base64; null when the process could not send it. */
  readonly document: string | null;
}

export interface FuzzReport {
  readonly kind: string;
  readonly documents: number;
  readonly accepted: number;
  readonly refused: number;
  readonly faults: readonly Fault[];
  readonly peakBytes: number;
  readonly seconds: number;
}

export interface FuzzOptions {
  readonly seed: number;
  readonly documents: number;
  /** Milliseconds after which a document that was not answered counts as a hang. */
  readonly patience?: number;
}

const FAULTS_KEPT = 20;

/**
 * Read mutated documents of one kind in a process of its own. One that hangs or crashes it is noted, and the next
 * process goes on behind it.
 */
export async function fuzz(kind: string, root: string, options: FuzzOptions): Promise<FuzzReport> {
  const started = performance.now();
  const folder = await mkdtemp(join(tmpdir(), 'agentforge-fuzz-'));
  const counts = { accepted: 0, refused: 0 };
  const faults: Fault[] = [];
  let peakBytes = 0;
  let next = 0;
  while (next < options.documents && faults.length < FAULTS_KEPT) {
    next = await new Promise<number>((done) => {
      const range = [String(options.seed), String(next), String(options.documents)];
      const child = fork(join(root, 'test/fuzz/worker.ts'), [kind, ...range, join(folder, String(next))], {
        execArgv: ['--import', join(root, 'test/support/run-typescript.mjs')],
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      });
      let [at, isDone, stderr] = [next, false, ''];
      let watchdog: NodeJS.Timeout | undefined;
      const watch = (): void => {
        clearTimeout(watchdog);
        watchdog = setTimeout(() => child.kill('SIGKILL'), options.patience ?? 30_000);
      };
      watch();
      child.stderr?.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-2000)));
      child.on('message', (message: WorkerMessage) => {
        watch();
        if (message.type === 'begin') at = message.index;
        else if (message.type === 'end') {
          isDone = true;
          peakBytes = Math.max(peakBytes, message.peakBytes);
        } else note(message);
      });
      child.on('close', (code, signal) => {
        clearTimeout(watchdog);
        if (!isDone) {
          const answer = signal === 'SIGKILL' ? 'hang' : 'crash';
          faults.push({
            ...{ kind, answer, document: null },
            index: at,
            detail: stderr || `exit code ${code}`,
          });
        }
        done(isDone ? options.documents : at + 1);
      });
    });
  }
  await rm(folder, { recursive: true, force: true });
  const seconds = (performance.now() - started) / 1000;
  return { kind, documents: next, ...counts, faults, peakBytes, seconds };

  function note({ answer, index, detail, document }: Extract<WorkerMessage, { type: 'answer' }>): void {
    if (answer === 'accepted' || answer === 'refused') counts[answer] += 1;
    else if (faults.length < FAULTS_KEPT)
      faults.push({ kind, index, answer, detail, document: document ?? null });
  }
}
