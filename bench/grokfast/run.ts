import type { Engine, EngineState, Program } from '../../core/contracts/engine.js';
import { grokkingOf, GROKKING, type AccuracyPoint, type GrokkingVerdict } from '../../nn/evaluation/index.js';
import type { TensorDict } from '../../core/contracts/tensor.js';
import { armTitle, type Arm } from './arms.js';
import type { StudyForm } from './forms.js';
import { accuracySource, startingState, updateSource } from './programs.js';
import { additionTask, batchPlaces, rowsOf, type AdditionTask } from './task.js';
import { parametersOf, startOf } from './toy.js';

/** Updates between two evaluations. */
const EVALUATE_EVERY = 10;
/** Updates between two lines of progress within a run. */
const TELL_EVERY = 1000;

/** What one run measured. */
export interface RunRecord {
  /** {@link armTitle}. */
  readonly arm: string;
  /** {@link settingsOf}: a record of other settings is no record of this study. */
  readonly settings: string;
  readonly seed: number;
  /** Updates after which it was to be given up. */
  readonly budget: number;
  /** Updates that were done: the run ends when validation has been kept over three evaluations. */
  readonly steps: number;
  /** First evaluation at which 95 % of the sums were right; null: not within the budget. */
  readonly train95: number | null;
  readonly validation95: number | null;
  /** Seconds of updates (compiling and evaluations not counted) up to `validation95`, and of all of them. */
  readonly seconds95: number | null;
  readonly seconds: number;
  readonly finalTrain: number;
  readonly finalValidation: number;
  readonly verdict: GrokkingVerdict;
  /** t_gen / t_mem. */
  readonly delayRatio: number | null;
  /** Weights and what filter and optimizer carry. */
  readonly stateBytes: number;
}

/** What decides a run besides arm, seed and budget. */
export function settingsOf({ prime, rows, learningRate, warmUp, toy }: StudyForm): string {
  const batch = rows === null ? 'full batch' : `batches of ${rows}`;
  return `p = ${prime}, ${parametersOf(toy)} parameters, ${batch}, rate ${learningRate}, warm-up ${warmUp}`;
}

/** Train one arm on one seed until it has generalised or its budget is spent. */
export async function runArm(
  engine: Engine,
  form: StudyForm,
  arm: Arm,
  seed: number,
  say: (line: string) => void,
): Promise<RunRecord> {
  const task = additionTask(form.prime, seed);
  const start = startingState(form.toy, arm, startOf(form.toy, seed));
  const rows = form.rows ?? task.trained;
  const update = await compiled(engine, updateSource(form.toy, arm, rows, start));
  const all = task.sums.a.length;
  const accuracy = await compiled(engine, accuracySource(form.toy, arm, all, task.trained, start));
  const state = await engine.createState(start);
  try {
    const course = await follow({ form, arm, seed, task, rows, update, accuracy, state, say });
    return recordOf(form, arm, seed, course, bytesOf(start));
  } finally {
    await state.dispose();
    for (const program of [update, accuracy]) await program.dispose();
  }
}

interface Running {
  readonly form: StudyForm;
  readonly arm: Arm;
  readonly seed: number;
  readonly task: AdditionTask;
  readonly rows: number;
  readonly update: Program;
  readonly accuracy: Program;
  readonly state: EngineState;
  readonly say: (line: string) => void;
}

/** An evaluation, and the seconds of updates before it. */
interface Point extends AccuracyPoint {
  readonly seconds: number;
}

async function follow(running: Running): Promise<readonly Point[]> {
  const { form, arm, seed, task, rows, update, accuracy, state, say } = running;
  const next = batchPlaces(task.trained, rows, seed);
  const points: Point[] = [];
  let seconds = 0;
  for (let step = 1; step <= form.budget(arm); step++) {
    const batch = rowsOf(task.sums, next());
    const scalars = { step: Float32Array.of(step), rate: Float32Array.of(rateAt(form, step)) };
    const started = performance.now();
    await update.run({ ...batch, ...scalars }, { state });
    seconds += (performance.now() - started) / 1000;
    if (step % EVALUATE_EVERY !== 0) continue;
    const { train, validation } = await accuracy.run({ ...task.sums }, { state });
    points.push({ step, train: train!.data[0]!, validation: validation!.data[0]!, seconds });
    if (isOver(points)) break;
    if (step % TELL_EVERY === 0) say(`  ${armTitle(arm)}, seed ${seed}: ${stateOf(points.at(-1)!)}`);
  }
  return points;
}

function rateAt({ learningRate, warmUp }: StudyForm, step: number): number {
  return learningRate * Math.min(1, step / warmUp);
}

/** Train and validation are where they should be, for as long as it takes to count. */
function isOver(points: readonly Point[]): boolean {
  const { accuracy, confirmations } = GROKKING;
  const newest = points.slice(-confirmations);
  return (
    newest.length === confirmations &&
    newest.every(({ train, validation }) => train >= accuracy && validation >= accuracy)
  );
}

function stateOf({ step, train, validation, seconds }: Point): string {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  return `train ${percent(train)}, validation ${percent(validation)} at step ${step}, ${((1000 * seconds) / step).toFixed(1)} ms per update`;
}

function recordOf(
  form: StudyForm,
  arm: Arm,
  seed: number,
  points: readonly Point[],
  stateBytes: number,
): RunRecord {
  const reached = (of: (point: Point) => number): Point | undefined =>
    points.find((point) => of(point) >= GROKKING.accuracy);
  const validated = reached(({ validation }) => validation);
  const last = points.at(-1)!;
  const { verdict, delayRatio } = grokkingOf(points);
  return {
    ...{ arm: armTitle(arm), settings: settingsOf(form), seed, budget: form.budget(arm), steps: last.step },
    train95: reached(({ train }) => train)?.step ?? null,
    validation95: validated?.step ?? null,
    seconds95: validated?.seconds ?? null,
    seconds: last.seconds,
    finalTrain: last.train,
    finalValidation: last.validation,
    ...{ verdict, delayRatio, stateBytes },
  };
}

function compiled(engine: Engine, { fn, spec }: ReturnType<typeof updateSource>): Promise<Program> {
  return engine.compile(fn, spec);
}

function bytesOf(start: TensorDict): number {
  return Object.values(start).reduce((sum, { data }) => sum + data.byteLength, 0);
}
