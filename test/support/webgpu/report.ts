import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ARCHITECTURE, type CopiedBytes, type Engine } from '../../../core/contracts/index.js';
import { messageOf } from '../../../core/errors/message-of.js';
import { evaluationSet, Scorer, type DocumentScore } from '../../../nn/evaluation/index.js';
import { initializeWeights } from '../../../nn/models/index.js';
import { packedProduct, packedRows, unpackedMatrix } from '../../../nn/quantization/index.js';
import { specsOf } from '../../../nn/training/index.js';
import { titansMag } from '../../../plugins/architectures/titans-mag/index.js';
import { openEngine } from '../../../plugins/engines/onnxruntime/open.js';
import { engineConformance } from '../../../testing/conformance/engine.js';
import { implementationOf } from '../../../testing/index.js';
import { EXACT_FUNCTIONS, worstError, type ExactFunction } from '../accuracy.js';
import { randomPacked } from '../packing.js';
import { tinyTitansMag } from '../titans-mag.js';
import { LENGTH, patternBatch, tinyTrainer } from '../training.js';

/** What a process with a Vulkan driver found out; see webgpu.test.ts. */
export interface WebgpuReport {
  /** Conformance cases that failed, by name, and why. */
  readonly failed: Readonly<Record<string, string>>;
  readonly cases: readonly string[];
  readonly training: { readonly webgpu: TrainingReport; readonly cpu: TrainingReport };
  readonly scoring: { readonly webgpu: DocumentScore; readonly cpu: DocumentScore };
  /** By bits of the codes: how far products are from those of the floats, as a share of the largest. */
  readonly packed: Readonly<Record<string, number>>;
  /** The largest relative error of each function. */
  readonly accuracy: Readonly<Record<string, { readonly at: number; readonly error: number }>>;
  /** Bytes that operators without a kernel on the device moved within the steps and the scoring. */
  readonly movedInside: number;
}

export interface TrainingReport {
  readonly losses: readonly number[];
  /** Per step; null where nothing is copied. */
  readonly copied: readonly (CopiedBytes | null)[];
  /** All of them, after the steps. */
  readonly weights: readonly number[];
}

const STEPS = 3;
const ROWS = 2;
/** Fewer passes of the same layers: every kind of operator, in a third of the time. */
const SMALL = { layers: 1, shortConvolution: 3, recursion: { steps: 2, microSteps: 1 } };

const open = (executionProvider: 'cpu' | 'webgpu', profile?: string): Promise<Engine> =>
  openEngine({
    executionProvider,
    graphOptimization: 'all',
    keepMemory: true,
    threads: 1,
    ...(profile === undefined ? {} : { profile }),
  });

async function conformance(): Promise<Pick<WebgpuReport, 'failed' | 'cases' | 'accuracy' | 'packed'>> {
  const engine = await open('webgpu');
  const failed: Record<string, string> = {};
  const cases = engineConformance(() => engine);
  for (const { name, run } of cases) await run().catch((error: unknown) => (failed[name] = messageOf(error)));
  const accuracy: Record<string, { at: number; error: number }> = {};
  for (const name of Object.keys(EXACT_FUNCTIONS) as ExactFunction[])
    accuracy[name] = await worstError(engine, name);
  const packed = await packedErrors(engine);
  await engine.dispose();
  return { failed, accuracy, packed, cases: cases.map(({ name }) => name) };
}

/** Steps as cognate takes them. */
async function train(engine: Engine): Promise<TrainingReport> {
  const trainer = await tinyTrainer(engine, { rows: ROWS, hyperparameters: { ...SMALL, dropout: 0 } });
  const losses: number[] = [];
  const copied: (CopiedBytes | null)[] = [];
  for (let step = 1; step <= STEPS; step++) {
    const before = engine.copied;
    const scalars = { step, learningRateScale: 1, emaDecay: 0.5 };
    losses.push((await trainer.step([patternBatch(ROWS, step)], scalars)).loss);
    const after = engine.copied;
    copied.push(before && after ? difference(after, before) : null);
  }
  const weights = Object.values(await trainer.weights('param')).flatMap(({ data }) => [...data]);
  await trainer.dispose();
  return { losses, copied, weights };
}

function difference(after: CopiedBytes, before: CopiedBytes): CopiedBytes {
  return { toDevice: after.toDevice - before.toDevice, toHost: after.toHost - before.toHost };
}

/** Documents scored as evomerge scores a candidate. */
async function score(engine: Engine): Promise<DocumentScore> {
  const architecture = await implementationOf(ARCHITECTURE, titansMag());
  const config = tinyTitansMag({ dropout: 0, ...SMALL });
  const weights = initializeWeights(architecture.describe(config), 3);
  const documents = [9, 16, 5, 7].map((size, d) => ({
    ids: Int32Array.from({ length: size }, (_, i) => (7 * i * i + 3 * d) % 40),
    lossMask: new Uint8Array(size).fill(1).fill(0, 0, 1),
    answerStart: size - 2,
  }));
  const set = evaluationSet(documents, { rows: ROWS, length: LENGTH, padId: 0 });
  const state = await engine.createState(weights);
  const subject = { architecture, config, specs: specsOf(weights) };
  const scorer = await Scorer.create(engine, subject, state, [set.rows, set.length]);
  await state.write(weights);
  const found = await scorer.score(set, () => 2);
  await scorer.dispose();
  await state.dispose();
  return found;
}

/** Products of a row with codes, and rows of the codes; both add to the error. */
async function packedErrors(engine: Engine): Promise<Record<string, number>> {
  const errors: Record<string, number> = {};
  for (const bits of [2, 4, 8] as const) {
    const packed = randomPacked({ in: 192, out: 40, bits, block: 64 });
    const weights = unpackedMatrix(packed);
    const x = Float32Array.from({ length: 192 }, (_, i) => Math.sin(i * i));
    const program = await engine.compile(
      (inputs) => ({
        outputs: {
          product: packedProduct(inputs['x'] as Tensor2D, packed),
          rows: packedRows(inputs['ids'] as Tensor1D, packed),
        },
      }),
      {
        name: 'packed',
        inputs: { x: { shape: [1, 192], dtype: 'float32' }, ids: { shape: [1], dtype: 'int32' } },
      },
    );
    const { product, rows } = await program.run({ x, ids: Int32Array.of(39) });
    await program.dispose();
    const wanted = Array.from({ length: 40 }, (_, n) =>
      x.reduce((sum, v, k) => sum + v * weights[n * 192 + k]!, 0),
    );
    const largest = Math.max(...wanted.map(Math.abs));
    const off = wanted.map((value, n) => Math.abs(value - product!.data[n]!) / largest);
    const offRows = Array.from(rows!.data as Float32Array, (value, k) =>
      Math.abs(value - weights[39 * 192 + k]!),
    );
    errors[bits] = Math.max(...off, ...offRows);
  }
  return errors;
}

/** Bytes of the copies that onnxruntime's profiles tell of. */
function movedBytes(prefix: string): number {
  const files = readdirSync(dirname(prefix)).filter((file) => file.startsWith(basename(prefix)));
  const events = files.flatMap(
    (file) => JSON.parse(readFileSync(join(dirname(prefix), file), 'utf8')) as ProfileEvent[],
  );
  if (!events.some(({ args }) => args?.provider === 'WebGpuExecutionProvider'))
    throw new Error('The profiles do not tell where operators ran.');
  return events
    .filter(({ args }) => args?.op_name?.startsWith('Memcpy'))
    .reduce((sum, { args }) => sum + Number(args?.output_size ?? 0), 0);
}

interface ProfileEvent {
  readonly args?: { readonly op_name?: string; readonly provider?: string; readonly output_size?: string };
}

/** @param profile prefix of profile files, in a folder of their own */
async function report(profile: string): Promise<WebgpuReport> {
  const [cpu, webgpu] = [await open('cpu'), await open('webgpu', profile)];
  const training = { webgpu: await train(webgpu), cpu: await train(cpu) };
  const scoring = { webgpu: await score(webgpu), cpu: await score(cpu) };
  await webgpu.dispose();
  await cpu.dispose();
  return { training, scoring, movedInside: movedBytes(profile), ...(await conformance()) };
}

process.stdout.write(`${JSON.stringify(await report(process.argv[2]!))}\n`);
