import type { PhaseContext } from '../core/contracts/phase.js';
import { toolCalls } from '../plugins/datasets/index.js';
import { CognateOptions } from '../plugins/phases/cognate/options.js';
import { mergeOptions } from './learning/merge-options.js';
import { openBench } from './learning/context.js';
import { examine, type Examination } from './learning/examine.js';
import { learn, type Point } from './learning/learn.js';
import { prepareLesson } from './learning/lesson.js';
import { taskNamed, TASKS } from './learning/tasks.js';
import { VARIANTS, type Variant } from './learning/variants.js';

export interface LearningBenchmarkOptions {
  readonly task?: string;
  readonly updates?: number;
  readonly seeds?: readonly number[];
  /** Parts of the names of variants; default: all. */
  readonly variants?: readonly string[];
  /** Records that are generated to copy from. */
  readonly records?: number;
  /** Questions per dataset that are answered freely. */
  readonly items?: number;
  /** Folder whose storage keeps tokenizers and splits. */
  readonly folder?: string;
}

/** How one variant learnt. */
export interface Lessons extends Examination {
  readonly variant: string;
  readonly seed: number;
  readonly parameters: number;
  readonly curve: readonly Point[];
}

/** `AGENTFORGE_BENCH_TASK=copying`, `..._UPDATES=500`, `..._SEEDS=7,8`, `..._VARIANTS='quickstart;low rates'`. */
function settingsOf(env: NodeJS.ProcessEnv): Required<LearningBenchmarkOptions> {
  const number = (name: string, otherwise: number): number =>
    Number(env[`AGENTFORGE_BENCH_${name}`] ?? otherwise);
  return {
    task: env['AGENTFORGE_BENCH_TASK'] ?? TASKS[0]!.name,
    updates: number('UPDATES', 500),
    // Not the quickstart's own: it is not tuned on the data order it is shown with.
    seeds: (env['AGENTFORGE_BENCH_SEEDS'] ?? '7').split(',').map(Number),
    variants: (env['AGENTFORGE_BENCH_VARIANTS'] ?? '').split(';'),
    records: number('RECORDS', 60_000),
    items: number('ITEMS', 0),
    folder: process.cwd(),
  };
}

/**
 * `agentforge bench learning`: held-out loss against updates, tokens and seconds of training, for variants of the
 * quickstart's options under equal updates. Nothing is written but tokenizers and splits.
 */
export async function run(
  say: (line: string) => void,
  options: LearningBenchmarkOptions = {},
): Promise<Readonly<Record<string, unknown>>> {
  const settings = { ...settingsOf(process.env), ...options };
  const { task, updates, seeds, variants, records } = settings;
  const bench = await openBench(settings.folder, [toolCalls({ count: records })]);
  try {
    const results: Lessons[] = [];
    for (const variant of VARIANTS.filter(({ name }) => variants.some((part) => name.includes(part)))) {
      for (const seed of seeds) {
        const result = await attempt(await bench.context(seed), variant, settings);
        results.push(result);
        say(lineOf(result));
      }
    }
    return { task, updates, seeds, results };
  } finally {
    await bench.dispose();
  }
}

async function attempt(
  ctx: PhaseContext,
  variant: Variant,
  { task, updates, items }: Required<LearningBenchmarkOptions>,
): Promise<Lessons> {
  const given = mergeOptions(taskNamed(task).options, variant.options, {
    maxSteps: updates,
    training: { evaluateEvery: Math.max(1, Math.round(updates / 5)) },
  });
  const options = ctx.validate(CognateOptions, given, 'bench') as CognateOptions;
  const lesson = await prepareLesson(ctx, options, taskNamed(task).mixed);
  const learnt = await learn(ctx, options, lesson, () => undefined);
  try {
    const parameters = learnt.shape.tensors.reduce(
      (sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1),
      0,
    );
    const found = await examine(ctx, options, lesson, learnt, items);
    return { variant: variant.name, seed: ctx.seed, parameters, curve: learnt.curve, ...found };
  } finally {
    await learnt.trainer.dispose();
  }
}

function lineOf({ variant, seed, curve, exact }: Lessons): string {
  const { heldOut, seconds } = curve.at(-1)!;
  return `${variant}, seed ${seed}: ${heldOut.toFixed(4)} nats in ${seconds.toFixed(0)} s, ${exact.right} of ${exact.asked} answers exact`;
}
