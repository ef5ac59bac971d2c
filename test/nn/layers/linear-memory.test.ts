import * as tf from '@tensorflow/tfjs';
import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import fc from 'fast-check';
import {
  decayedSum,
  groupDecays,
  linearMemory,
  memoryKernel,
  sameDocument,
  type MemoryCarry,
  type WriteRule,
} from '../../../nn/layers/index.js';
import { stream } from '../../../nn/random/index.js';
import { expectClose, largestDifference } from '../../support/close.js';
import { describeOnEngines, floats, integers, useCpuBackend } from '../../support/engines.js';
import { gaussianTensor } from '../../support/gradients.js';
import { recurrentMemory } from './recurrent-memory.js';

describeOnEngines('linear memory', (compute) => {
  test('decay .99 and c = 1, 0, 0 gives .0100, .0099, .009801', async () => {
    const found = await compute({ c: floats([1, 0, 0], [1, 3, 1]), s: integers([0, 0, 0], [1, 3]) }, (t) => ({
      m: decayedSum(t['c'] as Tensor3D, memoryKernel(sameDocument(t['s'] as Tensor2D), [0.99]), null),
    }));
    expectClose(found['m']!, [0.01, 0.0099, 0.009801], 1e-7);
  });

  test('a new document starts from nothing', async () => {
    const found = await compute(
      { c: floats([1, 0, 1, 0], [1, 4, 1]), s: integers([0, 0, 1, 1], [1, 4]) },
      (t) => ({
        m: decayedSum(t['c'] as Tensor3D, memoryKernel(sameDocument(t['s'] as Tensor2D), [0.9]), null),
      }),
    );
    expectClose(found['m']!, [0.1, 0.09, 0.1, 0.09], 1e-7);
  });

  test('a carried state decays into the first document only', async () => {
    const inputs = {
      c: floats([0, 0, 0], [1, 3, 1]),
      s: integers([0, 0, 1], [1, 3]),
      start: floats([2], [1, 1]),
    };
    const found = await compute(inputs, (t) => ({
      m: decayedSum(
        t['c'] as Tensor3D,
        memoryKernel(sameDocument(t['s'] as Tensor2D), [0.5]),
        t['start'] as Tensor2D,
      ),
    }));
    expectClose(found['m']!, [1, 0.5, 0], 1e-7);
  });
});

describe('capacity groups', () => {
  it('is one group without a capacity', () => {
    expect(groupDecays(0.99, null, 8)).toEqual([0.99]);
  });

  it('keeps group 0 and spaces the others from 16 to the capacity, evenly in the logarithm', () => {
    const decays = groupDecays(0.99, 4096, 8);
    expect(decays).toHaveLength(8);
    expect(decays[0]).toBe(0.99);
    const spans = decays.slice(1).map((decay) => 1 / (1 - decay));
    expect(spans[0]).toBeCloseTo(16, 6);
    expect(spans[6]).toBeCloseTo(4096, 6);
    const ratios = spans.slice(1).map((span, i) => span / spans[i]!);
    for (const ratio of ratios) expect(ratio).toBeCloseTo((4096 / 16) ** (1 / 6), 6);
  });

  it('has the capacity as its only other span with two groups', () => {
    expect(1 / (1 - groupDecays(0.9, 64, 2)[1]!)).toBeCloseTo(64, 6);
  });
});

describe('parallel form', () => {
  useCpuBackend();
  const WIDTH = 4;
  const rule: WriteRule = { surprise: 0.7, novelty: 0.3 };
  const identity = (): Tensor2D => tf.eye(WIDTH) as Tensor2D;

  interface Sequence {
    readonly content: number[][];
    readonly segments: number[];
  }

  function randomSequence(seed: number, length: number): Sequence {
    const numbers = stream(seed, 'memory');
    let segment = 0;
    const segments = Array.from({ length }, (_, t) =>
      t > 0 && numbers.uniform() < 0.25 ? ++segment : segment,
    );
    const content = Array.from({ length }, () => Array.from({ length: WIDTH }, () => numbers.normal()));
    return { content, segments };
  }

  function parallel(
    sequences: readonly Sequence[],
    decays: number[],
    writes: WriteRule | null,
    carry: MemoryCarry | null = null,
  ) {
    const [rows, length] = [sequences.length, sequences[0]!.content.length];
    const x = tf.tensor3d(
      sequences.flatMap(({ content }) => content.flat()),
      [rows, length, WIDTH],
    );
    const segments = tf.tensor2d(
      sequences.flatMap((sequence) => sequence.segments),
      [rows, length],
      'int32',
    );
    const kernel = memoryKernel(sameDocument(segments), decays);
    return linearMemory(x, { down: identity(), up: identity() }, kernel, writes, carry);
  }

  test.each([
    ['full writes', null],
    ['surprise and novelty', rule],
  ])('equals the recurrence token by token: %s', (_name, writes) => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 12 }), fc.boolean(), (seed, length, grouped) =>
        tf.tidy(() => {
          const sequence = randomSequence(seed, length);
          const decays = grouped ? groupDecays(0.9, 64, 2) : [0.9];
          const state = parallel([sequence], decays, writes).state.dataSync();
          const expected = recurrentMemory(sequence.content, sequence.segments, decays, writes).flat();
          return largestDifference(state, expected) < 2e-6;
        }),
      ),
      { numRuns: 40 },
    );
  });

  test.each([
    ['full writes', null],
    ['surprise and novelty', rule],
  ])('two windows with a carry equal one pass: %s', (_name, writes) => {
    tf.tidy(() => {
      const whole = { ...randomSequence(1, 10), segments: new Array<number>(10).fill(0) };
      const part = (from: number, to: number): Sequence => ({
        content: whole.content.slice(from, to),
        segments: whole.segments.slice(from, to),
      });
      const decays = groupDecays(0.9, 64, 2);
      const all = parallel([whole], decays, writes).state.dataSync();
      const first = parallel([part(0, 6)], decays, writes);
      const second = parallel([part(6, 10)], decays, writes, first.carry);
      const joined = [...first.state.dataSync(), ...second.state.dataSync()];
      expect(largestDifference(all, joined)).toBeLessThan(2e-6);
    });
  });

  test('rows of a batch do not influence each other', () => {
    tf.tidy(() => {
      const [a, b, c] = [randomSequence(1, 7), randomSequence(2, 7), randomSequence(3, 7)];
      const row = (sequences: Sequence[]): Float32Array =>
        parallel(sequences, [0.9], rule).output.dataSync().slice(0, 28) as Float32Array;
      expect(Array.from(row([a, b]))).toEqual(Array.from(row([a, c])));
    });
  });

  test('write weights lie in 0..1, and the first token of a document is fully novel', () => {
    tf.tidy(() => {
      const result = parallel([{ content: [[3, 0, 0, 0]], segments: [0] }], [0.9], {
        surprise: 0,
        novelty: 0.4,
      });
      expect(result.state.dataSync()[0]).toBeCloseTo(0.1 * 0.4 * 3, 6);
      expect(result.surprise!.dataSync()[0]).toBeCloseTo(Math.tanh(1), 5);
    });
  });

  test('no gradient reaches what was carried in, nor flows through the write weights', () => {
    tf.tidy(() => {
      const kernel = memoryKernel(sameDocument(tf.zeros([1, 3], 'int32')), [0.9]);
      const x = gaussianTensor('x', [1, 3, WIDTH]) as Tensor3D;
      const weights = { down: identity(), up: identity() };
      const start = gaussianTensor('start', [1, WIDTH]) as Tensor2D;
      const carryOf = (state: tf.Tensor): MemoryCarry => ({
        state: state as Tensor2D,
        mean: state as Tensor2D,
        tally: { sum: tf.ones([1, 1]), count: tf.ones([1, 1]) },
      });
      const run = (input: tf.Tensor, state: tf.Tensor): tf.Scalar =>
        tf.sum(linearMemory(input as Tensor3D, weights, kernel, rule, carryOf(state)).output) as tf.Scalar;
      expect(() => tf.grads((state) => run(x, state!))([start])).toThrow('Cannot compute gradient');
      // With the weights held fixed the memory is linear, so its gradient must reproduce the part made from x.
      const [gradient] = tf.grads((input) => run(input!, start))([x]);
      const fromCarry = tf.sum(tf.mul(kernel.carried.squeeze([0, 1]), start));
      const linear = tf.sum(tf.mul(gradient!, x)).dataSync()[0]!;
      expect(linear).toBeCloseTo(run(x, start).dataSync()[0]! - fromCarry.dataSync()[0]!, 4);
    });
  });
});
