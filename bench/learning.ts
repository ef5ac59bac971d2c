import type { PhaseContext } from '../core/contracts/phase.js';
import { CognateOptions } from '../plugins/phases/cognate/options.js';
import { openBench } from './learning/context.js';
import { curvesOf, type Curve } from './learning/curves.js';
import { examine, type Examination } from './learning/examine.js';
import { learn, updatesWithin, type Point } from './learning/learn.js';
import { prepareLesson } from './learning/lesson.js';
import { mergeOptions } from './learning/merge-options.js';
import { tableOf } from './learning/table.js';
import { taskNamed, type OpenTask, type Task } from './learning/tasks.js';
import { natsPerCharacter, TEXT_WINDOWS } from './learning/text.js';
import { VARIANTS, type Variant } from './learning/variants.js';

export interface LearningBenchmarkOptions {
  readonly task?: string;
  /** Of every variant; null: the task's, or as many as fit into `seconds`. */
  readonly updates?: number | null;
  /** Seconds of training of every variant, by the clock; null: equal updates. */
  readonly seconds?: number | null;
  readonly seeds?: readonly number[];
  /** Parts of the names of variants; default: all. */
  readonly variants?: readonly string[];
  /** Records that are generated where a task is one generator's. */
  readonly records?: number;
  /** Questions per dataset that are answered freely. */
  readonly items?: number;
  /** Threads of the CPU engine: with one, several benchmarks can share a machine. null: the engine's default. */
  readonly threads?: number | null;
  /** Text file of the task `text`. */
  readonly text?: string | null;
  /** Folder whose storage keeps tokenizers and splits. */
  readonly folder?: string;
}
type Settings = Required<LearningBenchmarkOptions>;

/** How one variant learnt. */
export interface Lessons extends Examination {
  readonly variant: string;
  readonly seed: number;
  readonly parameters: number;
  readonly updates: number;
  readonly curve: readonly Point[];
  /** Of the held end of a text, scored with at least {@link TEXT_WINDOWS} of context; null where nothing is held. */
  readonly natsPerCharacter: number | null;
  /** Exact answers by recursion step and depth or distance; empty where the task has none. */
  readonly curves: readonly Curve[];
}

/** `AGENTFORGE_BENCH_TASK=copying`, `..._SECONDS=120`, `..._SEEDS=7,8`, `..._VARIANTS='quickstart;low rates'`. */
function settingsOf(env: NodeJS.ProcessEnv): Settings {
  const of = (name: string): string | undefined => env[`AGENTFORGE_BENCH_${name}`];
  const number = (name: string): number | null => (of(name) === undefined ? null : Number(of(name)));
  return {
    task: of('TASK') ?? 'quickstart',
    updates: number('UPDATES'),
    seconds: number('SECONDS'),
    // Not the quickstart's own: it is not tuned on the data order it is shown with.
    seeds: (of('SEEDS') ?? '7').split(',').map(Number),
    variants: (of('VARIANTS') ?? '').split(';'),
    records: number('RECORDS') ?? 60_000,
    items: number('ITEMS') ?? 200,
    threads: number('THREADS'),
    text: of('TEXT') ?? null,
    folder: process.cwd(),
  };
}

/**
 * `agentforge bench learning`: held-out loss against updates, tokens and seconds of training, and what the models can do
 * afterwards, for variants of the quickstart's options under equal updates or equal seconds. Nothing is written but
 * tokenizers and splits.
 */
export async function run(
  say: (line: string) => void,
  options: LearningBenchmarkOptions = {},
): Promise<Readonly<Record<string, unknown>>> {
  const settings = { ...settingsOf(process.env), ...options };
  const { seeds, variants, updates, seconds } = settings;
  const task = taskNamed(settings.task);
  const open = await task.open(settings);
  const bench = await openBench(settings.folder, open.plugins, settings.threads);
  const results: Lessons[] = [];
  try {
    for (const variant of VARIANTS.filter(({ name }) => variants.some((part) => name.includes(part)))) {
      for (const seed of seeds) {
        const result = await attempt(await bench.context(seed), task, open, variant, settings);
        results.push(result);
        say(lineOf(result));
      }
    }
  } finally {
    await bench.dispose();
    await open.dispose();
  }
  for (const line of tableOf(results)) say(line);
  return { task: task.name, updates, seconds, seeds, results };
}

/** A variant's options over the task's; a model of another architecture takes the place of the whole model. */
export function optionsOf(task: Task, { options }: Variant): Readonly<Record<string, unknown>> {
  const merged = mergeOptions(task.options, options);
  return options.model?.architecture === undefined ? merged : { ...merged, model: options.model };
}

async function attempt(
  ctx: PhaseContext,
  task: Task,
  { held }: OpenTask,
  variant: Variant,
  { updates: wanted, seconds, items }: Settings,
): Promise<Lessons> {
  const asked = ctx.validate(CognateOptions, optionsOf(task, variant), 'bench') as CognateOptions;
  const lesson = await prepareLesson(ctx, asked, task.mixed);
  const fitting = seconds === null ? task.updates : await updatesWithin(ctx, asked, lesson, seconds);
  const updates = wanted ?? fitting;
  const training = { ...asked.training, evaluateEvery: Math.max(1, Math.round(updates / 5)) };
  const options: CognateOptions = { ...asked, maxSteps: updates, training };
  const learnt = await learn(ctx, options, lesson, () => undefined);
  try {
    const parameters = learnt.shape.tensors.reduce(
      (sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1),
      0,
    );
    const found = await examine(ctx, options, lesson, learnt, items);
    const nats = held === null ? null : await natsPerCharacter(ctx, lesson, learnt, held, TEXT_WINDOWS);
    const { length } = training;
    const curves = task.curve === null ? [] : await curvesOf(ctx, lesson, learnt, task.curve, length);
    const { curve } = learnt;
    return {
      ...{ variant: variant.name, seed: ctx.seed, parameters, updates, curve },
      ...found,
      natsPerCharacter: nats,
      curves,
    };
  } finally {
    await learnt.trainer.dispose();
  }
}

function lineOf({ variant, seed, updates, curve, exact, natsPerCharacter: nats }: Lessons): string {
  const { heldOut, seconds, cpuSeconds } = curve.at(-1)!;
  return [
    `${variant}, seed ${seed}: ${heldOut.toFixed(4)} nats after ${updates} updates`,
    `${seconds.toFixed(0)} s, ${cpuSeconds.toFixed(0)} s of processor`,
    ...(exact.asked === 0 ? [] : [`${exact.right} of ${exact.asked} answers exact`]),
    ...(nats === null ? [] : [`${nats.toFixed(4)} nats per character of the end of the text`]),
  ].join(', ');
}
