import type { CopiedBytes, Engine, EngineState, Program } from '../../core/contracts/engine.js';
import type { HostTensor } from '../../core/contracts/tensor.js';
import type { Tfjs, Workload } from './workload.js';
import { median, milliseconds } from '../timing.js';

/** What a training step achieves; gflops and ratio are null where the engine cannot count operations. */
export interface StepMeasurement {
  readonly parameters: number;
  readonly tokensPerStep: number;
  readonly tokensPerSecond: number;
  /** Rate of the step's matrix products, everything else of the step included in the time. */
  readonly gflops: number | null;
  /** Rate of one 2048 x 2048 x 2048 product on the same engine, measured between the steps. */
  readonly matmulGflops: number;
  readonly ratio: number | null;
  /** Median. */
  readonly stepMs: number;
  readonly compileMs: number;
  readonly nodes: number | null;
  /** Bytes between host and device; null where they are one. */
  readonly copiedPerStep: CopiedBytes | null;
}

export interface Repetitions {
  readonly warmUp: number;
  readonly timed: number;
}

const MATRIX = 2048;
/** Products timed after every step: short, so one alone would catch a moment of noise or of quiet. */
const PRODUCTS_PER_STEP = 3;

/** Time a workload, alternating with plain matrix products so that both meet the same machine. */
export async function measureStep(
  engine: Engine,
  tf: Tfjs,
  workload: Workload,
  repetitions: Repetitions,
): Promise<StepMeasurement> {
  const program = await engine.compile(workload.fn, workload.spec);
  const state = await engine.createState(workload.start);
  const product = await matrixProduct(engine, tf);
  const steps: number[] = [];
  const products: number[] = [];
  let copiedPerStep: CopiedBytes | null = null;
  for (let i = 1; i <= repetitions.warmUp + repetitions.timed; i++) {
    const before = engine.copied;
    const stepMs = await milliseconds(() => runStep(program, state, workload, i));
    copiedPerStep = copiedSince(before, engine.copied);
    const productMs = [];
    for (let k = 0; k < PRODUCTS_PER_STEP; k++) productMs.push(await milliseconds(product.run));
    if (i <= repetitions.warmUp) continue;
    steps.push(stepMs);
    products.push(...productMs);
  }
  await product.dispose();
  await state.dispose();
  await program.dispose();
  return { ...summary(workload, program, median(steps), median(products)), copiedPerStep };
}

function copiedSince(before: CopiedBytes | undefined, after: CopiedBytes | undefined): CopiedBytes | null {
  if (!before || !after) return null;
  return { toDevice: after.toDevice - before.toDevice, toHost: after.toHost - before.toHost };
}

/** One step after a warm-up on the same engine; for engines too slow to be run more often. */
export async function measureOnce(engine: Engine, workload: Workload): Promise<number> {
  const program = await engine.compile(workload.fn, workload.spec);
  const state = await engine.createState(workload.start);
  const stepMs = await milliseconds(() => runStep(program, state, workload, 1));
  await state.dispose();
  await program.dispose();
  return stepMs;
}

async function runStep(
  program: Program,
  state: EngineState,
  workload: Workload,
  step: number,
): Promise<void> {
  await program.run(workload.inputs(step), { state, random: workload.random?.(step) });
}

function summary(
  workload: Workload,
  program: Program,
  stepMs: number,
  productMs: number,
): Omit<StepMeasurement, 'copiedPerStep'> {
  const { matmulFlops, compileMs, nodes } = program.info;
  const matmulGflops = (2 * MATRIX ** 3) / productMs / 1e6;
  const gflops = matmulFlops === null ? null : matmulFlops / stepMs / 1e6;
  return {
    parameters: workload.parameters,
    tokensPerStep: workload.tokensPerStep,
    tokensPerSecond: (workload.tokensPerStep / stepMs) * 1000,
    gflops,
    matmulGflops,
    ratio: gflops === null ? null : gflops / matmulGflops,
    stepMs,
    compileMs,
    nodes,
  };
}

/** One large product that reads and writes carried tensors: nothing is copied in or out. */
async function matrixProduct(
  engine: Engine,
  tf: Tfjs,
): Promise<{ run: () => Promise<void>; dispose: () => Promise<void> }> {
  const spec = { shape: [MATRIX, MATRIX], dtype: 'float32' } as const;
  const matrix = (rate: number): HostTensor => ({
    ...spec,
    data: Float32Array.from({ length: MATRIX * MATRIX }, (_, i) => Math.sin(rate * i)),
  });
  const program = await engine.compile((_, { a, b }) => ({ outputs: {}, state: { c: tf.matMul(a!, b!) } }), {
    name: 'matmul',
    inputs: {},
    state: { a: spec, b: spec, c: spec },
  });
  const state = await engine.createState({ a: matrix(1.1), b: matrix(1.3), c: matrix(1.7) });
  const run = async (): Promise<void> => {
    await program.run({}, { state });
  };
  await run();
  return {
    run,
    dispose: async () => {
      await state.dispose();
      await program.dispose();
    },
  };
}
