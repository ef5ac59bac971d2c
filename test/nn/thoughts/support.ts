import type { Tensor2D } from '@tensorflow/tfjs';
import type { Architecture } from '../../../core/contracts/architecture.js';
import { ARCHITECTURE } from '../../../core/contracts/architecture.js';
import type { ForwardFunction } from '../../../core/contracts/objective.js';
import type { HostTensor, TensorDict, TensorMap } from '../../../core/contracts/tensor.js';
import { initializeWeights } from '../../../nn/models/index.js';
import { stream } from '../../../nn/random/index.js';
import { thoughtsPerRow, type ThoughtRows, type ThoughtShape } from '../../../nn/thoughts/layout.js';
import { llama } from '../../../plugins/architectures/llama/index.js';
import { titansMag } from '../../../plugins/architectures/titans-mag/index.js';
import {
  completeHyperparameters,
  implementationOf,
  tinyLlama,
  tinyTitansMag,
} from '../../../testing/index.js';
import { integers } from '../../support/engines.js';

/** START and END of the tests: the last two of 48 ids. */
export const MARKERS = { start: 46, end: 47 } as const;

export interface TestModel {
  readonly architecture: Architecture;
  readonly config: unknown;
  readonly weights: TensorDict;
  readonly forward: ForwardFunction;
}

/** Everything that could leak from one thought to another: recursion, write weights, convolutions; or grouped keys. */
export const MODELS: Readonly<Record<string, () => Promise<TestModel>>> = {
  'titans-mag': async () =>
    modelOf(
      await implementationOf(ARCHITECTURE, titansMag()),
      tinyTitansMag({
        contextLength: 64,
        ...{ memoryCapacity: 64, memoryGroups: 2, surprise: 0.5, novelty: 0.5, shortConvolution: 3 },
      }),
    ),
  llama: async () => modelOf(await implementationOf(ARCHITECTURE, llama()), tinyLlama({ contextLength: 64 })),
};

async function modelOf(
  architecture: Architecture,
  hyperparameters: Record<string, unknown>,
): Promise<TestModel> {
  const config = await completeHyperparameters(architecture, hyperparameters);
  const weights = initializeWeights(architecture.describe(config), 1);
  // Fresh weights are small: ten times as large, every path carries something.
  const numbers = stream(1, 'lively');
  for (const { data } of Object.values(weights)) {
    const constant = data.every((value) => value === data[0]);
    for (let i = 0; i < data.length; i++)
      data[i] = constant ? data[i]! + 0.3 * numbers.normal() : data[i]! * 10;
  }
  return {
    architecture,
    config,
    weights,
    forward: (params, input, options) => architecture.forward(config, params, input, options),
  };
}

/** Two packed rows of random text with thoughts at random places, as host tensors. */
export interface HostThoughtRows extends Record<string, HostTensor> {
  readonly ids: HostTensor;
  readonly targets: HostTensor;
  readonly segments: HostTensor;
  readonly places: HostTensor;
  readonly thoughts: HostTensor;
  readonly lengths: HostTensor;
}

const ROWS = 2;

/** Thoughts of full length. @param starts of the documents of each row, besides 0 */
export function thoughtRows(
  shape: ThoughtShape,
  places: readonly number[],
  starts: readonly number[] = [],
  seed = 1,
): HostThoughtRows {
  const { base, positions, length } = shape;
  const numbers = stream(seed, 'thought-rows');
  const ids = Int32Array.from({ length: ROWS * base }, () => numbers.integer(MARKERS.start));
  const segments = ids.map((_, i) => starts.filter((start) => start <= i % base).length);
  const targets = ids.map((_, i) =>
    (i + 1) % base === 0 || segments[i] !== segments[i + 1] ? -100 : ids[i + 1]!,
  );
  const count = thoughtsPerRow(shape) * length;
  return {
    ids: integers(ids, [ROWS, base]),
    targets: integers(targets, [ROWS, base]),
    segments: integers(segments, [ROWS, base]),
    places: integers(places, [ROWS, positions]),
    thoughts: integers(
      Array.from({ length: ROWS * count }, () => numbers.integer(MARKERS.start)),
      [ROWS, count],
    ),
    lengths: integers(new Int32Array(ROWS * thoughtsPerRow(shape)).fill(length), [
      ROWS,
      thoughtsPerRow(shape),
    ]),
  };
}

/** The same thoughts cut to 0, 1, .., T tokens, one after another. */
export function ofOwnLengths(shape: ThoughtShape, rows: HostThoughtRows): HostThoughtRows {
  const lengths = rows.lengths.data.map((_, i) => i % (shape.length + 1)) as Int32Array;
  return { ...rows, lengths: { ...rows.lengths, data: lengths } };
}

/** The tensors of rows among others. */
export function rowsIn(tensors: TensorMap): ThoughtRows {
  const named = (name: string): Tensor2D => tensors[name] as Tensor2D;
  return {
    ids: named('ids'),
    targets: named('targets'),
    segments: named('segments'),
    places: named('places'),
    thoughts: named('thoughts'),
    lengths: named('lengths'),
  };
}

/** Text up to a place, then its thought and the talk, as one sequence. @param m of M thoughts */
export function aloneSequence(
  shape: ThoughtShape,
  rows: HostThoughtRows,
  row: number,
  m: number,
): { readonly ids: number[]; readonly segments: number[] } {
  const { base, positions, thoughts, length, talk } = shape;
  const j = rows.places.data[row * positions + Math.floor(m / thoughts)]!;
  const text = Array.from(rows.ids.data.subarray(row * base, (row + 1) * base));
  const i = row * thoughtsPerRow(shape) + m;
  const thought = Array.from(rows.thoughts.data.subarray(i * length, i * length + rows.lengths.data[i]!));
  const slots = [MARKERS.start, ...thought, MARKERS.end, ...text.slice(j + 1, j + talk)];
  const segments = Array.from(rows.segments.data.subarray(row * base, row * base + j + 1));
  const own = segments[j]!;
  return { ids: [...text.slice(0, j + 1), ...slots], segments: [...segments, ...slots.map(() => own)] };
}
