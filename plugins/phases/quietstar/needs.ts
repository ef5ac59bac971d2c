import type { TensorSpecs } from '../../../core/contracts/tensor.js';
import { countParameters, elementCount } from '../../../nn/models/index.js';
import { passLength, thoughtMemoryBytes } from '../../../nn/thoughts/index.js';
import type { ModelShape } from '../shared/model/shape.js';
import { trainingNeeds, type Needs } from '../shared/training/needs.js';
import { hasTests } from './free-questions.js';
import { mixingOf } from './mixing.js';
import type { QuietstarOptions } from './options.js';
import { longestShape, quietStages } from './quiet-stages.js';

const FLOAT_BYTES = 4;

/**
 * Peak memory of step 2: training with the mixing head, the frozen anchor and what it reads, the passes with N x P thoughts
 * in a row, with gradients and for the held-out rows, and the sampler, which thinks N x P thoughts of every row at a time. The
 * thoughts are the longest of its stages. Besides, what a stage begins with, the end of the one before it, and what the tests
 * for theater hold: the weights that are tested, those that passed last, and a model that answers, with readers for texts of
 * two lengths.
 */
export function thinkingNeeds(
  model: ModelShape,
  options: Pick<QuietstarOptions, 'thoughts' | 'quiet' | 'examination'>,
): Needs {
  const { architecture, config, tensors } = model;
  const { hyperparameters } = config;
  const { training } = options.quiet;
  const { rows, length } = training;
  const shape = longestShape(options);
  const plain = trainingNeeds({ ...model, tensors: [...tensors, ...mixingOf(model, options)] }, training);
  const pass = thoughtMemoryBytes(architecture, hyperparameters, shape, rows);
  if (plain.memoryBytes === null || pass === null) return plain;
  const reading = (count: number, tokens: number, withGradients = false): number =>
    architecture.memoryBytes!(hyperparameters, { rows: count, length: tokens, training: withGradients });
  const weights = FLOAT_BYTES * countParameters(tensors);
  // A pass without thoughts is what the estimate of training has: here it is one with thoughts.
  const trainer = plain.memoryBytes - reading(rows, length, true) + pass;
  const anchor = weights + reading(rows, length);
  const entropy = reading(rows, length);
  const sampler = weights + samplerBytes();
  // Parameters, average and two moments of a checkpoint.
  const stageBefore = quietStages(options).length > 1 ? 4 * weights : 0;
  const tests = hasTests(options.quiet) ? 2 * weights + 2 * (weights + answeringBytes()) : 0;
  return { memoryBytes: trainer + evaluation() + anchor + entropy + sampler + stageBefore + tests };

  /** The same pass without gradients: the squares stay. */
  function evaluation(): number {
    const tokens = passLength(shape);
    return pass! - reading(rows, tokens, true) + reading(rows, tokens);
  }

  /** What is carried of every text and of every thought, read and written; without a decoder, whole windows. */
  function samplerBytes(): number {
    const prefixes = rows * shape.positions;
    return writingBytes([prefixes, prefixes * shape.thoughts], shape.base + shape.length + 1);
  }

  function answeringBytes(): number {
    return writingBytes([options.examination.rows], architecture.contextLength(hyperparameters));
  }

  /** @param counts of texts that are carried; the last are written on @param window tokens of each */
  function writingBytes(counts: readonly number[], window: number): number {
    const { decoder } = architecture;
    const written = counts.at(-1)!;
    if (decoder === undefined) return reading(written, window);
    const carried = counts.map((count) => bytesOf(decoder.carried(hyperparameters, count, window)));
    return 2 * carried.reduce((sum, bytes) => sum + bytes, 0) + reading(written, 1);
  }
}

function bytesOf(specs: TensorSpecs): number {
  return FLOAT_BYTES * Object.values(specs).reduce((sum, { shape }) => sum + elementCount(shape), 0);
}
