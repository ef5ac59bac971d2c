import {
  ARCHITECTURE,
  type Architecture,
  type TensorDescription,
} from '../../core/contracts/architecture.js';
import type { BakingExample, BakingMethod, BakingRow, BakingShape } from '../../core/contracts/baking.js';
import { ENGINE } from '../../core/contracts/engine.js';
import { OPTIMIZER } from '../../core/contracts/optimizer.js';
import type { HostArray, TensorDict, TensorSpecs } from '../../core/contracts/tensor.js';
import { initializeWeights } from '../../nn/models/index.js';
import { nextToken } from '../../nn/objectives/index.js';
import { createTrainer, specsOf, type HostBatch } from '../../nn/training/index.js';
import { completeHyperparameters, tinyLlama } from '../fixtures/tiny-model.js';
import { letterTokenizer } from '../fixtures/letters.js';
import { implementationOf } from '../implementation.js';

/** A tiny model to bake something into. */
export interface BakingBench {
  readonly architecture: Architecture;
  readonly config: unknown;
  readonly tensors: readonly TensorDescription[];
  readonly weights: TensorDict;
}

/** Its weights are large, so that what it reads makes a difference to what it predicts. */
export async function openBakingBench(): Promise<BakingBench> {
  const { llama } = await import('../../plugins/architectures/index.js');
  const architecture = await implementationOf(ARCHITECTURE, llama());
  const config = await completeHyperparameters(architecture, tinyLlama({ initializerStd: 0.3 }));
  const tensors = architecture.describe(config);
  return { architecture, config, tensors, weights: initializeWeights(tensors, 3) };
}

/** The measure of a method before and after some updates on all examples at once. */
export async function trainBriefly(
  method: BakingMethod,
  examples: readonly BakingExample[],
  shape: BakingShape,
  { steps, learningRate }: { readonly steps: number; readonly learningRate: number },
): Promise<{ readonly before: number; readonly after: number }> {
  const [{ onnxruntime }, { adamW }] = await Promise.all([
    import('../../plugins/engines/onnxruntime/index.js'),
    import('../../plugins/optimizers/index.js'),
  ]);
  const bench = await openBakingBench();
  const { rows } = method.rows(examples, letterTokenizer, shape);
  const extras = method.extras?.(shape) ?? {};
  const tensors = method.tensors(bench.tensors);
  const transform = tensors.transform?.bind(tensors);
  const reference = method.teacher === null ? {} : bench.weights;
  const engine = await (await implementationOf(ENGINE, onnxruntime({ threads: 1 }))).open();
  try {
    const trainer = await createTrainer(
      {
        ...{ engine, accumulation: 1, clipNorm: 1, seed: 1 },
        shape: { rows: rows.length, length: shape.length },
        model: {
          ...{ architecture: bench.architecture, config: bench.config },
          tensors: [...bench.tensors, ...tensors.added],
          objective: method.objective(nextToken()),
          optimizer: await implementationOf(OPTIMIZER, adamW({ learningRate, weightDecay: 0 })),
          reference: specsOf(reference),
          extras: batched(extras, rows.length),
          ...(tensors.trainable === undefined ? {} : { trainable: tensors.trainable }),
          ...(transform === undefined ? {} : { transform }),
        },
      },
      { ...bench.weights, ...tensors.initial(1) },
      reference,
    );
    const batch = batchOf(rows, extras);
    const measured = async (): Promise<number> => {
      const { crossEntropy, metrics } = await trainer.evaluate('param', [batch]);
      return method.metric === null ? crossEntropy : (metrics[method.metric] ?? NaN);
    };
    const before = await measured();
    for (let step = 1; step <= steps; step++)
      await trainer.step([batch], { step, learningRateScale: 1, emaDecay: 0 });
    return { before, after: await measured() };
  } finally {
    await engine.dispose();
  }
}

function batched(extras: TensorSpecs, rows: number): TensorSpecs {
  return Object.fromEntries(
    Object.entries(extras).map(([name, { shape, dtype }]) => [name, { shape: [rows, ...shape], dtype }]),
  );
}

function batchOf(rows: readonly BakingRow[], extras: TensorSpecs): HostBatch {
  const joined = (pick: (row: BakingRow) => HostArray): Int32Array =>
    Int32Array.from(rows.flatMap((row) => [...pick(row)]));
  const own = Object.entries(extras).map(([name, { dtype }]) => {
    const values = rows.flatMap((row) => [...row.extras![name]!]);
    return [name, dtype === 'float32' ? Float32Array.from(values) : Int32Array.from(values)] as const;
  });
  return {
    ids: joined(({ ids }) => ids),
    targets: joined(({ targets }) => targets),
    segments: joined(({ segments }) => segments),
    extras: Object.fromEntries(own),
  };
}
