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
const PATIENCE_MS = 30_000;

/**
 * Read mutated documents of one kind in a process of its own. One that hangs or crashes it is noted, and the next
 * process goes on behind it.
 *
 * @param root folder of the project
 */
export async function fuzz(kind: string, root: string, options: FuzzOptions): Promise<FuzzReport> {
  const started = performance.now();
  const folder = await mkdtemp(join(tmpdir(), 'agentforge-fuzz-'));
  const tally: Tally = { kind, accepted: 0, refused: 0, faults: [], peakBytes: 0 };
  let next = 0;
  while (next < options.documents && tally.faults.length < FAULTS_KEPT)
    next = await readFrom(next, join(folder, String(next)), root, options, tally);
  await rm(folder, { recursive: true, force: true });
  return { ...tally, documents: next, seconds: (performance.now() - started) / 1000 };
}

interface Tally {
  readonly kind: string;
  accepted: number;
  refused: number;
  readonly faults: Fault[];
  peakBytes: number;
}

/** One process, from a document on. @returns the document to go on with */
function readFrom(
  first: number,
  folder: string,
  root: string,
  options: FuzzOptions,
  tally: Tally,
): Promise<number> {
  const { seed, documents, patience = PATIENCE_MS } = options;
  const words = [tally.kind, String(seed), String(first), String(documents), folder];
  const child = fork(join(root, 'test/fuzz/worker.ts'), words, {
    execArgv: ['--import', join(root, 'test/support/run-typescript.mjs')],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let [at, isDone, stderr] = [first, false, ''];
  const watchdog = setTimeout(() => child.kill('SIGKILL'), patience);
  child.stderr?.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-2000)));
  child.on('message', (message: WorkerMessage) => {
    watchdog.refresh();
    if (message.type === 'begin') at = message.index;
    else if (message.type === 'answer') count(message, tally);
    else [isDone, tally.peakBytes] = [true, Math.max(tally.peakBytes, message.peakBytes)];
  });
  return new Promise((done) =>
    child.on('close', (code, signal) => {
      clearTimeout(watchdog);
      if (isDone) {
        done(documents);
        return;
      }
      const answer: Fault['answer'] = signal === 'SIGKILL' ? 'hang' : 'crash';
      const detail = stderr === '' ? `exit code ${code ?? 'none'}, signal ${signal ?? 'none'}` : stderr;
      tally.faults.push({ kind: tally.kind, index: at, answer, detail, document: null });
      done(at + 1);
    }),
  );
}

function count({ answer, index, detail, document }: AnswerMessage, tally: Tally): void {
  if (answer === 'accepted' || answer === 'refused') tally[answer] += 1;
  else if (tally.faults.length < FAULTS_KEPT)
    tally.faults.push({ kind: tally.kind, index, answer, detail, document: document ?? null });
}

type AnswerMessage = Extract<WorkerMessage, { type: 'answer' }>;
