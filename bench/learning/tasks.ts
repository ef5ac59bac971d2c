import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plugin } from '../../core/contracts/plugin.js';
import { ForgeError } from '../../core/errors/index.js';
import {
  brackets,
  chains,
  recall,
  sorting,
  text as textDataset,
  toolCalls,
} from '../../plugins/datasets/index.js';
import { quickstart } from '../../presets/quickstart.js';
import { mergeOptions } from './merge-options.js';
import { cutText } from './text.js';

type Options = Readonly<Record<string, unknown>>;

/** What is learnt. */
export interface Task {
  readonly name: string;
  /** Options of phase 1. */
  readonly options: Options;
  /** Datasets are drawn in the trunk's mix; otherwise every token is as likely as any other. */
  readonly mixed: boolean;
  /** Number in the records' metadata that exact answers are counted by, for each recursion step; null: none. */
  readonly curve: string | null;
  /** Updates where nobody says how many, or how many seconds. */
  readonly updates: number;
  /** Get ready what it learns from. */
  readonly open: (source: TaskSource) => Promise<OpenTask>;
}

/** What a task may be given. */
export interface TaskSource {
  /** Records that are generated where a task is one generator's. */
  readonly records: number;
  /** Text to learn; its last tenth is scored. */
  readonly text: string | null;
}

/** A task with its data. */
export interface OpenTask {
  /** Datasets in the form that the task has them. */
  readonly plugins: readonly Plugin[];
  /** Text that is scored and was not learnt. */
  readonly held: string | null;
  dispose(): Promise<void>;
}

const QUICKSTART = quickstartOptions();

/** Nothing is made on disk. */
const given = (...plugins: readonly Plugin[]): OpenTask => ({
  plugins,
  held: null,
  dispose: () => Promise.resolve(),
});

/**
 * The quickstart's data is the mix of everything; copying is what tool calls are made of; depth and distance are where
 * recursion and memory should be worth something; a text is one for all.
 */
export const TASKS: readonly Task[] = [
  {
    name: 'quickstart',
    options: QUICKSTART,
    mixed: true,
    curve: null,
    updates: 600,
    open: () => Promise.resolve(given(...(quickstartLayer().plugins ?? []))),
  },
  {
    name: 'copying',
    options: mergeOptions(QUICKSTART, { data: { datasets: ['tool-calls'], evaluationRows: 64 } }),
    mixed: false,
    curve: null,
    updates: 1000,
    open: ({ records }) => Promise.resolve(given(toolCalls({ count: records }))),
  },
  {
    name: 'depth',
    options: mergeOptions(QUICKSTART, {
      data: { datasets: ['chains', 'sorting', 'brackets'], evaluationRows: 64 },
    }),
    mixed: false,
    curve: 'depth',
    updates: 1000,
    open: ({ records: count }) =>
      Promise.resolve(given(chains({ count }), sorting({ count }), brackets({ count }))),
  },
  {
    name: 'distance',
    // Attention sees a quarter of the row: what lies farther back goes from layer to layer, or through the memory.
    options: mergeOptions(QUICKSTART, {
      model: { hyperparameters: { window: 32 } },
      data: { datasets: ['recall'], evaluationRows: 64 },
    }),
    mixed: false,
    curve: 'distance',
    updates: 1000,
    open: ({ records: count }) => Promise.resolve(given(recall({ count, distance: 72 }))),
  },
  {
    name: 'text',
    options: mergeOptions(QUICKSTART, {
      data: { datasets: ['text'], holdout: 0.02, evaluationRows: 64 },
    }),
    mixed: false,
    curve: null,
    updates: 1200,
    open: openText,
  },
];

/** @throws ForgeError AF_USAGE */
export function taskNamed(name: string): Task {
  const task = TASKS.find((one) => one.name === name);
  if (task !== undefined) return task;
  const known = TASKS.map((one) => one.name).join(', ');
  throw new ForgeError('AF_USAGE', `There is no task "${name}" to learn.`, {
    at: 'AGENTFORGE_BENCH_TASK',
    fix: `Choose one of: ${known}.`,
  });
}

/** Characters of a document: long enough that few predictions lack context. */
const DOCUMENT = 8000;

async function openText({ text }: TaskSource): Promise<OpenTask> {
  if (text === null) {
    throw new ForgeError('AF_USAGE', 'The task "text" needs a text to learn.', {
      at: 'AGENTFORGE_BENCH_TEXT',
      fix: 'Name a text file: AGENTFORGE_BENCH_TEXT=input.txt agentforge bench learning.',
    });
  }
  const { learnt, held } = await cutText(text);
  const folder = await mkdtemp(join(tmpdir(), 'agentforge-bench-'));
  const path = join(folder, 'learnt.txt');
  await writeFile(path, learnt);
  return {
    plugins: [textDataset({ path, size: DOCUMENT })],
    held,
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}

interface Layer {
  readonly plugins?: readonly Plugin[];
  readonly phases?: Readonly<Record<string, object>>;
}

function quickstartLayer(): Layer {
  const [base] = quickstart().extends as readonly Layer[];
  return base!;
}

/** What the preset says of phase 1. */
function quickstartOptions(): Options {
  return { ...quickstartLayer().phases!['cognate'] };
}
