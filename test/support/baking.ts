import type { BakingExample } from '../../core/contracts/baking.js';
import type { Engine } from '../../core/contracts/engine.js';
import type { Checkpoint, CheckpointArea } from '../../core/contracts/store.js';
import { initializeWeights } from '../../nn/models/index.js';
import { nextToken } from '../../nn/objectives/index.js';
import { quietContextOf } from '../../bench/quiet-context.js';
import { adamW, llama, prompts, traces } from '../../plugins/index.js';
import type { BakingContext, BakingRequest, BakingStart } from '../../plugins/phases/shared/baking/types.js';
import type { TrainingOptions } from '../../plugins/phases/shared/options.js';
import { shapeOf } from '../../plugins/phases/shared/model/shape.js';
import { letterTokenizer } from '../../testing/fixtures/letters.js';
import { createTestKernel, tinyLlama, type TestKernel } from '../../testing/index.js';

/** Checkpoints in memory, as JSON and copies. */
export class MemoryArea implements CheckpointArea {
  private readonly kept: Checkpoint[] = [];
  private readonly children = new Map<string, MemoryArea>();

  async save({ step, tensors, state }: Checkpoint): Promise<void> {
    const copies = Object.entries(tensors).map(([name, tensor]) => [
      name,
      { ...tensor, data: tensor.data.slice() },
    ]);
    this.kept.push({
      step,
      tensors: Object.fromEntries(copies) as Checkpoint['tensors'],
      state: JSON.parse(JSON.stringify(state)),
    });
  }

  async latest(): Promise<Checkpoint | null> {
    return this.kept.at(-1) ?? null;
  }

  async clear(): Promise<void> {
    this.kept.length = 0;
  }

  child(name: string): MemoryArea {
    const known = this.children.get(name) ?? new MemoryArea();
    this.children.set(name, known);
    return known;
  }
}

export interface BakingBench {
  readonly kernel: TestKernel;
  readonly ctx: BakingContext;
  readonly start: BakingStart;
}

/** A tiny llama of lively weights, which a prompt makes a difference to. */
export async function bakingBench(engine: Engine): Promise<BakingBench> {
  const plugins = [llama(), adamW(), traces(), prompts()];
  const kernel = await createTestKernel({ plugins });
  const ctx = await quietContextOf(kernel.kernel, { engine, seed: 1, phase: 'test' });
  const hyperparameters = tinyLlama({ initializerStd: 0.3, contextLength: 32 });
  const shape = shapeOf(ctx, { architecture: 'llama', hyperparameters }, 'test');
  const weights = initializeWeights(shape.tensors, 3);
  return { kernel, ctx, start: { model: { ...shape, weights }, tokenizer: letterTokenizer } };
}

export const TINY_TRAINING: TrainingOptions = {
  ...{ rows: 4, length: 12, accumulation: 1, stages: [], schedule: 'linear', cooldown: 0.2 },
  ...{ warmupSteps: 0, floor: 0.1, clipNorm: 1, emaDecay: 0, amp: 'off', evaluateEvery: 10 },
  ...{ checkpointEvery: 10, keepCheckpoints: 1, earlyStop: null },
};

export function example(input: string, output: string, prompt: string | null = null): BakingExample {
  return { input, output, trace: '', strategy: null, prompt };
}

/** Bakes a prompt of three letters on given outputs. */
export function request(changes: Partial<BakingRequest> = {}): BakingRequest {
  return {
    ...{ name: 'test', prefix: 'bake', steps: 20, seed: 1, objective: nextToken() },
    method: { use: 'prompts', options: {} },
    train: ['a', 'b', 'c', 'd', 'e', 'f'].map((input) => example(input, 'xyz', 'pqr')),
    heldOut: ['g', 'h', 'i', 'j', 'k'].map((input) => example(input, 'xyz', 'pqr')),
    training: TINY_TRAINING,
    optimizer: { use: 'adamw', options: { learningRate: 0.01, weightDecay: 0 } },
    area: new MemoryArea(),
    ...changes,
  };
}
