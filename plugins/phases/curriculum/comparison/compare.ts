import { ForgeError } from '../../../../core/errors/index.js';
import { Draw } from '../../../../nn/random/index.js';
import { bakingBatches } from '../../shared/baking/rows.js';
import { recorder } from '../../shared/metrics.js';
import { counted } from '../../shared/progress.js';
import { forgeRange, posedDocuments } from '../forge.js';
import { randomOf } from '../lessons.js';
import { AT } from '../paths.js';
import type { CurriculumRun } from '../prepare.js';
import { readable, rowExtras, rowsOf } from '../stretch-training.js';
import type { Stretch } from '../stretch.js';
import { OWN_METRICS } from '../table.js';
import { Arm, type ArmCurve, type Validation } from './arm.js';
import { optimizerOf, type ComparisonOptions } from './options.js';
import { savedFor } from '../saved.js';

/** Optimizers beside each other on one model and one stream of data. JSON. */
export interface Comparison {
  readonly baseline: string;
  readonly subject: string;
  /** Updates that each was given. */
  readonly steps: number;
  readonly arms: readonly ArmCurve[];
}

/** What the arms learn from: main training, from its first update on. */
export interface Compared {
  readonly stretch: Pick<Stretch, 'name' | 'rate' | 'shapes' | 'documents'>;
  /** Of the assessment. */
  readonly baseline: number;
  readonly fraction: (done: number) => number;
}

/**
 * Train every optimizer of the options from the latents that came in, on the documents of main training in its order, and
 * throw the models away. Arms take turns of `evaluateEvery` updates, so that what else the machine does falls on all of
 * them. Done once: a run that goes on knows what was found.
 *
 * @throws ForgeError AF_DATA_EMPTY when nothing fits the rows
 */
export async function compareOptimizers(
  run: CurriculumRun,
  options: ComparisonOptions,
  compared: Compared,
): Promise<Comparison> {
  const saved = savedFor<Comparison>(run, 'comparison');
  const known = await saved.latest();
  if (known !== null) return known.state;
  const arms: Arm[] = [];
  try {
    const { baseline, subject, steps } = options;
    await openArms(run, options, compared, arms);
    await takeTurns(run, options, arms, compared.fraction);
    const state = { baseline, subject, steps, arms: arms.map(({ curve }) => curve) };
    await saved.save({ step: 1, tensors: {}, state }, 1);
    return state;
  } finally {
    for (const arm of arms) await arm.dispose();
  }
}

/** @param arms those that could be opened, to be disposed of */
async function openArms(
  run: CurriculumRun,
  { arms: named, steps, tasks }: ComparisonOptions,
  { stretch, baseline }: Compared,
  arms: Arm[],
): Promise<void> {
  const rows = requireRows(run, rowsOf(run, stretch), 'document of main training');
  const validation = {
    text: readable(run, run.text.selection.batches),
    tasks: heldOutTasks(run, tasks, baseline),
  };
  for (const [name, arm] of Object.entries(named)) {
    const optimizer = optimizerOf(arm, run.options.forge.optimizer);
    arms.push(await Arm.open(run, { name, optimizer, stretch, rows, steps, validation }));
  }
}

async function takeTurns(
  run: CurriculumRun,
  { steps, evaluateEvery }: ComparisonOptions,
  arms: readonly Arm[],
  fraction: (done: number) => number,
): Promise<void> {
  for (const arm of arms) {
    await arm.begin();
    tellPoint(run, arm);
  }
  const told = counted(run.ctx, {
    task: 'comparison',
    total: arms.length * steps,
    unit: 'update',
    fraction,
  });
  let done = 0;
  for (let to = evaluateEvery; to <= steps; to += evaluateEvery)
    for (const arm of arms) {
      await arm.advance(to);
      if (arm.latest?.step === to) tellPoint(run, arm);
      await told((done += evaluateEvery));
    }
}

function tellPoint({ ctx }: CurriculumRun, { latest, curve: { name } }: Arm): void {
  if (latest === null) return;
  const { step, loss, text, tasks, seconds } = latest;
  recorder(ctx, OWN_METRICS).all(
    {
      [`comparison/${name}/loss`]: loss,
      [`comparison/${name}/text_loss`]: text,
      [`comparison/${name}/tasks_loss`]: tasks,
      [`comparison/${name}/seconds`]: seconds,
    },
    { step },
  );
}

/** Tasks that no training saw, as main training poses them, with manuals of held-out wording. */
function heldOutTasks(run: CurriculumRun, count: number, baseline: number): Validation['tasks'] {
  const draw = new Draw(randomOf(run, 'manuals', 'comparison'));
  const items = run.book.mixed({ side: 'held-out', count, ...forgeRange(baseline) }, 'comparison');
  const rows = rowsOf(run, { documents: posedDocuments(run, items, draw) });
  return bakingBatches(
    { rows: requireRows(run, rows, 'held-out task'), extras: rowExtras(run) },
    run.measuring.training.rows,
  );
}

function requireRows<T>(
  { measuring }: Pick<CurriculumRun, 'measuring'>,
  rows: readonly T[],
  what: string,
): readonly T[] {
  if (rows.length > 0) return rows;
  const { length } = measuring.training;
  throw new ForgeError(
    'AF_DATA_EMPTY',
    `No ${what} fits rows of ${length} tokens: nothing can be compared.`,
    {
      at: `${AT}.comparison`,
      fix: 'make forge.training.length longer, or set the comparison to null',
    },
  );
}
