import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The built command; `npm ci` builds it. */
const COMMAND = resolve(__dirname, '../../dist/cli/bin.js');

/** A folder with a config of a run that takes seconds. */
export async function tinyProject(): Promise<string> {
  if (!existsSync(COMMAND)) throw new Error('dist/ is missing: npm run build');
  const folder = await mkdtemp(join(tmpdir(), 'agentforge-e2e-'));
  await writeFile(join(folder, 'agentforge.config.json'), JSON.stringify(TINY));
  return folder;
}

export async function removeProject(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

const TINY = {
  seed: 11,
  pipeline: ['cognate'],
  options: { onnxruntime: { threads: 1 }, sequences: { count: 120 }, stories: { count: 40 } },
  phases: {
    cognate: {
      model: {
        hyperparameters: {
          contextLength: 32,
          dModel: 16,
          layers: 1,
          heads: 2,
          embeddingRank: 8,
          ffn: 16,
          window: 8,
          dMemory: 8,
          gateHidden: 8,
          recursion: { steps: 2, microSteps: 1, crossWidth: 8, crossHeads: 2, gHidden: 8, hHidden: 8 },
        },
      },
      tokenizer: { vocabularySize: 300 },
      data: { datasets: ['sequences', 'stories'], evaluationRows: 2 },
      training: { rows: 2, length: 32, accumulation: 2, warmupSteps: 2, evaluateEvery: 7, checkpointEvery: 5 },
      maxSteps: 24,
      fisherBatches: 2,
      probeRows: 2,
      sample: { maxTokens: 4 },
    },
  },
};

export interface Finished {
  /** Null when killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Whether a session of the project is recorded as running. */
async function hasSession(folder: string): Promise<boolean> {
  const registry = join(folder, '.agentforge', 'registry');
  const files = await readdir(registry).catch(() => []);
  const texts = await Promise.all(files.map((file) => readFile(join(registry, file), 'utf8').catch(() => '')));
  return texts.some((text) => text.includes('"running"'));
}

/** Resolves when a session is recorded, or when `isOver` says that it will never be. */
async function sessionRecorded(folder: string, isOver: () => boolean): Promise<void> {
  while (!isOver() && !(await hasSession(folder))) await new Promise((next) => setTimeout(next, 20));
}

/** Run the command in a folder to its end, or until SIGKILL comes `killAfterMs` after its session is recorded. */
export function agentforge(folder: string, args: readonly string[], killAfterMs?: number): Promise<Finished> {
  const child = spawn(process.execPath, [COMMAND, ...args], { cwd: folder, env: { ...process.env, NO_COLOR: '1' } });
  let over = false;
  const kill = (): void => {
    if (!over) child.kill('SIGKILL');
  };
  if (killAfterMs !== undefined) void sessionRecorded(folder, () => over).then(() => setTimeout(kill, killAfterMs).unref());
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((done) =>
    child.on('close', (code) => {
      over = true;
      done({ code, stdout, stderr });
    }),
  );
}

/** sha256 of every model of a `run --json` document, by name. */
export function hashesOf({ stdout }: Finished): Record<string, string> {
  const document = JSON.parse(stdout) as { models: { name: string; sha256: string }[] };
  return Object.fromEntries(document.models.map((model) => [model.name, model.sha256]));
}
