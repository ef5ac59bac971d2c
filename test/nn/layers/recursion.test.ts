import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import {
  attentionMask,
  recursion,
  ropeTable,
  sameDocument,
  type AttentionGeometry,
  type RecursionSettings,
  type RecursionWeights,
} from '../../../nn/layers/index.js';
import { largestDifference } from '../../support/close.js';
import { useCpuBackend } from '../../support/engines.js';
import { gaussianTensor } from '../../support/gradients.js';

const WIDTH = 6;
const CROSS = 4;
const LENGTH = 5;
const settings: RecursionSettings = { steps: 3, microSteps: 2, normEpsilon: 1e-6 };

function weightsOf(outputScale: number): RecursionWeights {
  const matrix = (name: string, rows: number, columns: number, scale = 0.3): Tensor2D =>
    gaussianTensor(name, [rows, columns], scale) as Tensor2D;
  const gain = (): Tensor1D => tf.ones([WIDTH]);
  const cross = (name: string) => ({
    query: matrix(`${name}.query`, WIDTH, CROSS),
    key: matrix(`${name}.key`, WIDTH, CROSS),
    value: matrix(`${name}.value`, WIDTH, CROSS),
    output: matrix(`${name}.output`, CROSS, WIDTH),
    queryNorm: gain(),
    sourceNorm: gain(),
  });
  return {
    features: cross('features'),
    answer: cross('answer'),
    refine: [matrix('g1', 3 * WIDTH, 7), matrix('g2', 7, WIDTH, outputScale)],
    refineNorm: gain(),
    update: [matrix('h1', 2 * WIDTH, 8), matrix('h2', 8, WIDTH, outputScale)],
    updateInputNorm: gain(),
    updateNorm: gain(),
    start: gaussianTensor('start', [WIDTH]) as Tensor1D,
  };
}

function run(features: Tensor, weights: RecursionWeights, options = settings) {
  const geometry: AttentionGeometry = {
    heads: 2,
    queryRope: ropeTable(LENGTH, CROSS / 2, 10000, 1 / Math.sqrt(CROSS / 2)),
    keyRope: ropeTable(LENGTH, CROSS / 2, 10000),
  };
  const mask = attentionMask(sameDocument(tf.zeros([1, LENGTH], 'int32')), 3);
  return recursion(features as Tensor3D, weights, geometry, mask, options);
}

/** Features as the backbone gives them: each token normalised. */
function normalised(): Tensor {
  const x = gaussianTensor('features', [1, LENGTH, WIDTH]);
  return tf.div(x, tf.sqrt(tf.mean(tf.square(x), -1, true)));
}

describe('recursion', () => {
  useCpuBackend();

  test('gives one answer and one latent per supervised step', () => {
    tf.tidy(() => {
      const { steps } = run(normalised(), weightsOf(0.3));
      expect(steps).toHaveLength(3);
      for (const { answer, latent } of steps) {
        expect(answer.shape).toEqual([1, LENGTH, WIDTH]);
        expect(latent.shape).toEqual([1, LENGTH, WIDTH]);
      }
    });
  });

  test('starts near the identity: small last matrices leave the features almost as they are', () => {
    tf.tidy(() => {
      const features = normalised();
      const { steps } = run(features, weightsOf(0.002));
      for (const { answer } of steps)
        expect(largestDifference(answer.dataSync(), features.dataSync())).toBeLessThan(0.03);
      const lively = run(features, weightsOf(0.3)).steps.at(-1)!.answer;
      expect(largestDifference(lively.dataSync(), features.dataSync())).toBeGreaterThan(0.1);
    });
  });

  test('the first step of three is the only step of one', () => {
    tf.tidy(() => {
      const [three, one] = [
        run(normalised(), weightsOf(0.3)),
        run(normalised(), weightsOf(0.3), { ...settings, steps: 1 }),
      ];
      expect(Array.from(three.steps[0]!.answer.dataSync())).toEqual(
        Array.from(one.steps[0]!.answer.dataSync()),
      );
    });
  });

  test('features keep their gradient in every step; the start of the latent only in the first', () => {
    tf.tidy(() => {
      const weights = weightsOf(0.3);
      const features = normalised();
      const byFeatures = (k: number): number =>
        tf
          .norm(
            tf.grads((f) => tf.sum(tf.square(tf.add(run(f!, weights).steps[k]!.answer, 1))) as tf.Scalar)([
              features,
            ])[0]!,
          )
          .dataSync()[0]!;
      for (const k of [0, 1, 2]) expect(byFeatures(k)).toBeGreaterThan(1e-3);
      const byStart = (k: number): Tensor =>
        tf.grads(
          (start) =>
            tf.sum(
              tf.square(tf.add(run(features, { ...weights, start: start as Tensor1D }).steps[k]!.answer, 1)),
            ) as tf.Scalar,
        )([weights.start])[0]!;
      expect(tf.norm(byStart(0)).dataSync()[0]).toBeGreaterThan(1e-4);
      // Not connected at all: no backward work is done for what is cut off.
      for (const k of [1, 2]) expect(() => byStart(k)).toThrow('Cannot compute gradient');
    });
  });

  test('gradients flow through every micro-step', () => {
    tf.tidy(() => {
      const weights = weightsOf(0.3);
      const gradient = (microSteps: number): Float32Array =>
        tf
          .grads(
            (g) =>
              tf.sum(
                tf.square(
                  tf.add(
                    run(
                      normalised(),
                      { ...weights, refine: [g as Tensor2D, weights.refine[1]] },
                      { ...settings, steps: 1, microSteps },
                    ).steps[0]!.answer,
                    1,
                  ),
                ),
              ) as tf.Scalar,
          )([weights.refine[0]])[0]!
          .dataSync() as Float32Array;
      // A change of the matrix moves the answer by its gradient: checked against a finite difference over two micro-steps.
      const direction = gradient(2);
      const norm = Math.hypot(...direction);
      const loss = (step: number): number => {
        const moved = tf.add(
          weights.refine[0],
          tf.tensor2d(
            direction.map((value) => (step * value) / norm),
            weights.refine[0].shape,
          ),
        );
        const { answer } = run(
          normalised(),
          { ...weights, refine: [moved as Tensor2D, weights.refine[1]] },
          { ...settings, steps: 1 },
        ).steps[0]!;
        return tf.sum(tf.square(tf.add(answer, 1))).dataSync()[0]!;
      };
      expect((loss(0.01) - loss(-0.01)) / 0.02 / norm).toBeCloseTo(1, 1);
      expect(largestDifference(gradient(1), direction)).toBeGreaterThan(1e-4);
    });
  });

  test('the peaks are the largest over all steps', () => {
    tf.tidy(() => {
      const peaks = (steps: number): number[] => {
        const asked = { ...settings, steps, peaks: true };
        return run(normalised(), weightsOf(0.3), asked).peaks.flatMap((peak) => [...peak.dataSync()]);
      };
      const [one, three] = [peaks(1), peaks(3)];
      expect(one).toHaveLength(4);
      three.forEach((peak, i) => expect(peak).toBeGreaterThanOrEqual(one[i]!));
    });
  });
});
