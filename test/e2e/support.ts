import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The built command; `npm ci` builds it. */
const COMMAND = resolve(__dirname, '../../dist/cli/bin.js');

/** A folder with a config of a run that takes seconds. @param evolution options of evomerge; default: cognate alone */
export async function tinyProject(evolution?: object): Promise<string> {
  if (!existsSync(COMMAND)) throw new Error('dist/ is missing: npm run build');
  const folder = await mkdtemp(join(tmpdir(), 'agentforge-e2e-'));
  const config =
    evolution === undefined
      ? TINY
      : { ...TINY, pipeline: ['cognate', 'evomerge'], phases: { ...TINY.phases, evomerge: evolution } };
  await writeFile(join(folder, 'agentforge.config.json'), JSON.stringify(config));
  return folder;
}

/**
 * A project whose first two phases are done; what it thinks then is small too.
 * @param more options of the phases that are to follow it
 */
export async function projectWithChampion(
  evolution: object,
  thinking: object,
  more: Readonly<Record<string, object>> = {},
): Promise<string> {
  const folder = await tinyProject();
  const { cognate } = TINY.phases;
  const config = {
    ...TINY,
    options: { ...TINY.options, reasoning: REASONING },
    phases: {
      // Questions and thoughts are longer than 32 tokens.
      cognate: {
        ...cognate,
        model: { hyperparameters: { ...cognate.model.hyperparameters, contextLength: 64 } },
      },
      ...{ evomerge: evolution, quietstar: thinking },
      ...more,
    },
  };
  const write = (pipeline: readonly string[]): Promise<void> =>
    writeFile(join(folder, 'agentforge.config.json'), JSON.stringify({ ...config, pipeline }));
  await write(['cognate', 'evomerge']);
  const { code, stderr } = await agentforge(folder, ['run']);
  if (code !== 0) throw new Error(stderr);
  await write(['cognate', 'evomerge', 'quietstar', ...Object.keys(more)]);
  return folder;
}

const REASONING = {
  ...{ count: 200, families: ['arithmetic'], strategies: ['chain-of-thought'], largest: 4, steps: 2 },
  parts: { known: 1, 'new-range': 0, 'new-family': 0 },
};

/** A copy of a project, to go on with in another way. */
export async function copyOf(project: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'agentforge-e2e-'));
  await cp(project, folder, { recursive: true });
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
      training: {
        rows: 2,
        length: 32,
        accumulation: 2,
        warmupSteps: 2,
        evaluateEvery: 7,
        checkpointEvery: 5,
      },
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
  const texts = await Promise.all(
    files.map((file) => readFile(join(registry, file), 'utf8').catch(() => '')),
  );
  return texts.some((text) => text.includes('"running"'));
}

/** When to send SIGKILL: some time after something has come about. */
export interface Kill {
  readonly when: (folder: string) => Promise<boolean>;
  readonly afterMs?: number;
}

/** So long after the session is recorded. */
export const afterStart = (afterMs: number): Kill => ({ when: hasSession, afterMs });

/** As soon as a phase, or a part of it (`quietstar/areas/thoughts`), has saved a checkpoint of a step, or of a later one. */
export const atCheckpoint = (phase: string, step: number): Kill => ({
  when: async (folder) => (await checkpointsOf(folder, phase)).some((saved) => saved >= step),
});

/** The file that holds an artifact of a project. */
export function artifactOf(folder: string, sha256: string): string {
  return join(folder, '.agentforge', 'artifacts', 'sha256', sha256.slice(0, 2), sha256);
}

/** Steps of the checkpoints that the sessions of a project have of a phase, or of a part of it. */
export async function checkpointsOf(folder: string, phase: string): Promise<number[]> {
  const sessions = join(folder, '.agentforge', 'sessions');
  const paths = await readdir(sessions, { recursive: true }).catch(() => []);
  return paths.flatMap((path) => {
    const saved = /\/step-(\d+)$/.exec(path);
    return saved !== null && path.includes(`/${phase}/`) ? [Number(saved[1])] : [];
  });
}

const soon = (ms: number): Promise<void> => new Promise((next) => setTimeout(next, ms).unref());

/** Run the command in a folder to its end, or until it is killed. */
export function agentforge(folder: string, args: readonly string[], kill?: Kill): Promise<Finished> {
  const env = { ...process.env, NO_COLOR: '1' };
  const child = spawn(process.execPath, [COMMAND, ...args], { cwd: folder, env });
  let over = false;
  const watch = async ({ when, afterMs = 0 }: Kill): Promise<void> => {
    while (!over && !(await when(folder))) await soon(20);
    await soon(afterMs);
    if (!over) child.kill('SIGKILL');
  };
  if (kill !== undefined) void watch(kill);
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

/** Every metric of the only session of a project, in the order it was written. */
export async function metricsOf(folder: string): Promise<{ name: string; value: unknown }[]> {
  const sessions = join(folder, '.agentforge', 'sessions');
  const [session] = await readdir(sessions);
  const lines = await readFile(join(sessions, session!, 'metrics.jsonl'), 'utf8');
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { name: string; value: unknown });
}
