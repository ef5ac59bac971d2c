import * as tf from '@tensorflow/tfjs';
import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import { allLogits, haltingProbabilities, initializeWeights } from '../../../nn/models/index.js';
import type { TitansMagConfig } from '../../../plugins/architectures/titans-mag/config.js';
import { describeTitansMag } from '../../../plugins/architectures/titans-mag/describe.js';
import { forward } from '../../../plugins/architectures/titans-mag/forward.js';
import { largestDifference } from '../../support/close.js';
import { describeOnEngines, useCpuBackend, type Compute } from '../../support/engines.js';
import {
  batchIn,
  livelyWeights,
  lossAndGradients,
  objective,
  randomBatch,
  type ObjectiveChanges,
  SPECIALISED,
  tinyTitansMag,
  toTensors,
} from '../../support/titans-mag.js';

/** One parameter of each kind, for the check by finite differences. */
const PROBED = [
  'embedding.table',
  'embedding.projection',
  'layers.0.attention.key',
  'layers.0.attention.keyConvolution',
  'layers.1.attention.valueConvolution',
  'layers.0.memory.down',
  'layers.1.ffn.norm',
  'layers.1.ffn.gate',
  'gate.first',
  'recursion.start',
  'recursion.answer.value',
  'recursion.update.second',
];
const ROWS = 2;
const LENGTH = 10;

/** Norm of every parameter's gradient. */
async function gradientNorms(
  compute: Compute,
  config: TitansMagConfig,
  weights = livelyWeights(config),
  changes: ObjectiveChanges = {},
): Promise<Record<string, number>> {
  const found = await compute({ ...weights, ...randomBatch(config, ROWS, LENGTH) }, (t) => {
    const { grads } = lossAndGradients(config, t, batchIn(t), changes);
    return Object.fromEntries(Object.entries(grads).map(([name, gradient]) => [name, tf.norm(gradient)]));
  });
  return Object.fromEntries(Object.entries(found).map(([name, tensor]) => [name, tensor.data[0]!]));
}

/** Only the cross-entropy of step k is trained. */
function onlyStep(k: number): ObjectiveChanges {
  return {
    stepWeights: [0, 1, 2].map((step) => (step === k ? 1 : 0)),
    statisticWeights: {},
    halting: { weight: 0, entropyWeight: 0 },
  };
}

describeOnEngines('titans-mag objective', (compute) => {
  test('each step loss alone reaches the embedding and the first block, but not the steps before it', async () => {
    const config = tinyTitansMag();
    const inputs = { ...livelyWeights(config), ...randomBatch(config, ROWS, LENGTH) };
    const reached = [
      'embedding.table',
      ...['attention.query', 'attention.value', 'memory.down', 'ffn.down'].map((part) => `layers.0.${part}`),
      'recursion.refine.first',
    ];
    const found = await compute(inputs, (t) => {
      const norms = [0, 1, 2].map((k) => {
        const { grads } = lossAndGradients(config, t, batchIn(t), onlyStep(k));
        return [...reached, 'recursion.start'].map(
          (name) => [`${name} from step ${k}`, tf.norm(grads[name]!)] as const,
        );
      });
      return Object.fromEntries(norms.flat());
    });
    for (const k of [0, 1, 2])
      for (const name of reached)
        expect([name, k, found[`${name} from step ${k}`]!.data[0]! > 1e-6]).toEqual([name, k, true]);
    // The latent starts before step 0; later steps are cut from it.
    const start = [0, 1, 2].map((k) => found[`recursion.start from step ${k}`]!.data[0]!);
    expect(start[0]).toBeGreaterThan(1e-6);
    expect(start.slice(1)).toEqual([0, 0]);
  });

  test('one backward pass moves the halting head of a fresh model', async () => {
    const config = tinyTitansMag();
    const norms = await gradientNorms(compute, config, initializeWeights(describeTitansMag(config), 1));
    expect(norms['halting.weight']).toBeGreaterThan(1e-4);
    expect(norms['halting.bias']).toBeGreaterThan(1e-4);
  });

  test('every parameter of a specialised model gets a gradient', async () => {
    const config = tinyTitansMag({ ...SPECIALISED, shortConvolution: 3 });
    const norms = await gradientNorms(compute, config, livelyWeights(config), {
      halting: { ponderCost: 0.01 },
    });
    for (const { name } of describeTitansMag(config)) expect([name, norms[name]! > 0]).toEqual([name, true]);
  });

  test('its cross-entropies are those of the logits that forward gives', async () => {
    const config = tinyTitansMag();
    const found = await compute({ ...livelyWeights(config), ...randomBatch(config, ROWS, LENGTH) }, (t) => {
      const batch = batchIn(t);
      const result = objective(config, t, batch);
      const direct = allLogits(forward(config, t, batch)).map((step) => meanNll(step, batch.targets));
      return {
        ours: tf.stack([0, 1, 2].map((k) => result.metrics[`loss/step_${k}`]!)),
        direct: tf.stack(direct),
        last: tf.stack([result.crossEntropy, result.metrics['loss/step_2']!]),
        accuracy: tf.stack([result.accuracy, result.metrics['act/acc_step2']!]),
      };
    });
    expect(largestDifference(found['ours']!.data, found['direct']!.data)).toBeLessThan(1e-5);
    expect(found['last']!.data[0]).toBe(found['last']!.data[1]);
    expect(found['accuracy']!.data[0]).toBe(found['accuracy']!.data[1]);
  });

  test('the loss is the sum of its reported parts', async () => {
    const config = tinyTitansMag();
    const found = await compute({ ...livelyWeights(config), ...randomBatch(config, ROWS, LENGTH) }, (t) => {
      const { loss, metrics } = objective(config, t, batchIn(t), { halting: { entropyWeight: 0 } });
      const parts = ['loss/step_0', 'loss/step_1', 'loss/step_2', 'loss/act', 'loss/gate_entropy'];
      return { loss, parts: tf.stack(parts.map((name) => metrics[name]!)) };
    });
    const [s0, s1, s2, act, gate] = [...found['parts']!.data] as [number, number, number, number, number];
    expect(found['loss']!.data[0]).toBeCloseTo((0.5 * s0 + 0.75 * s1 + s2) / 2.25 + act + gate, 4);
  });

  test('dropout changes the loss, repeatably, and evaluation has none', async () => {
    const config = tinyTitansMag({ dropout: 0.3 });
    const inputs = { ...livelyWeights(config), ...randomBatch(config, ROWS, LENGTH) };
    const run = (training: boolean) =>
      compute(inputs, (t, context) => ({
        loss: objective(config, t, batchIn(t), {}, training ? context : null).loss,
      }));
    const losses = [await run(true), await run(true), await run(false), await run(false)].map(
      ({ loss }) => loss!.data[0]!,
    );
    expect(losses[0]).toBe(losses[1]);
    expect(losses[2]).toBe(losses[3]);
    expect(Math.abs(losses[0]! - losses[2]!)).toBeGreaterThan(1e-4);
  });

  test('reports one peak per attention, in the order of the sites', async () => {
    const config = tinyTitansMag();
    const found = await compute({ ...livelyWeights(config), ...randomBatch(config, ROWS, LENGTH) }, (t) =>
      Object.fromEntries(objective(config, t, batchIn(t)).peaks.map(({ query, peak }) => [query, peak])),
    );
    expect(Object.keys(found)).toEqual([
      'layers.0.attention.query',
      'layers.1.attention.query',
      'recursion.features.query',
      'recursion.answer.query',
    ]);
    for (const { data } of Object.values(found)) for (const peak of data) expect(peak).toBeGreaterThan(0);
  });
});

describe('titans-mag objective on all engines', () => {
  const results: Record<string, number>[] = [];
  const config = tinyTitansMag(SPECIALISED);
  describeOnEngines('loss and gradients', (compute) => {
    test('are computed', async () => {
      const found = await compute({ ...livelyWeights(config), ...randomBatch(config, ROWS, LENGTH) }, (t) => {
        const { loss, grads } = lossAndGradients(config, t, batchIn(t));
        return { loss, ...grads };
      });
      results.push(
        Object.fromEntries(
          Object.entries(found).flatMap(([name, { data }]) =>
            [...data].map((value, i) => [`${name}[${i}]`, value]),
          ),
        ),
      );
    });
  });

  test('agree to 1e-5', () => {
    const [first, second] = results as [Record<string, number>, Record<string, number>];
    expect(Object.keys(second)).toEqual(Object.keys(first));
    expect(largestDifference(Object.values(first), Object.values(second))).toBeLessThan(1e-5);
  });
});

describe('titans-mag loss', () => {
  useCpuBackend();

  test('its gradient predicts how the loss changes', () => {
    tf.tidy(() => {
      // With one step and full writes nothing is cut from the gradient except the halting targets.
      const config = tinyTitansMag({ memoryCapacity: 64, shortConvolution: 3, recursion: { steps: 1 } });
      const changes = { halting: { weight: 0 } };
      const weights = livelyWeights(config);
      const batch = batchIn(toTensors({ ...randomBatch(config, ROWS, LENGTH) }));
      const { grads } = lossAndGradients(config, toTensors(weights), batch, changes);
      for (const name of PROBED) {
        const gradient = grads[name]!.dataSync() as Float32Array;
        const norm = Math.hypot(...gradient);
        const step = 2e-2 / Math.max(norm, 1e-2);
        const at = (side: number): number => {
          const moved: TensorDict = {
            ...weights,
            [name]: {
              ...weights[name]!,
              data: (weights[name]!.data as Float32Array).map(
                (value, i) => value + side * step * gradient[i]!,
              ),
            },
          };
          return objective(config, toTensors(moved), batch, changes).loss.dataSync()[0]!;
        };
        const slope = (at(1) - at(-1)) / (2 * step);
        expect([
          name,
          Math.abs(slope - norm * norm) / (norm * norm) < 0.05 || Math.abs(slope - norm * norm) < 2e-5,
        ]).toEqual([name, true]);
      }
    });
  });

  test('the PonderNet objective is the mixture of step losses plus the divergence from its prior', () => {
    tf.tidy(() => {
      const config = tinyTitansMag();
      const changes = {
        statisticWeights: {},
        halting: { learns: 'ponder', ponderKlWeight: 0, entropyWeight: 0 },
      } as const;
      const params = toTensors(livelyWeights(config));
      const batch = batchIn(toTensors({ ...randomBatch(config, ROWS, LENGTH) }));
      const { loss } = objective(config, params, batch, changes);
      const pass = forward(config, params, batch);
      const [q1, q2] = haltingProbabilities(pass) as [Tensor2D, Tensor2D];
      const masses = [q1, tf.mul(tf.sub(1, q1), q2), tf.mul(tf.sub(1, q1), tf.sub(1, q2))];
      const mixture = tf.addN(
        allLogits(pass).map((step, k) => tf.mul(masses[k]!, tokenNll(step, batch.targets))),
      );
      const valid = tf.greaterEqual(batch.targets, 0);
      const expected = tf.div(tf.sum(tf.mul(mixture, valid)), tf.sum(valid)).dataSync()[0]!;
      expect(loss.dataSync()[0]).toBeCloseTo(expected, 4);
      const { grads } = lossAndGradients(config, params, batch, changes);
      expect(Math.abs(grads['halting.bias']!.dataSync()[0]!)).toBeGreaterThan(1e-5);
    });
  });

  test('the variance hinge pushes halting probabilities apart', () => {
    tf.tidy(() => {
      const base = { weight: 0, entropyWeight: 0 };
      const config = tinyTitansMag();
      const params = toTensors(livelyWeights(config));
      const batch = batchIn(toTensors({ ...randomBatch(config, ROWS, LENGTH) }));
      const without = objective(config, params, batch, { halting: base }).loss.dataSync()[0]!;
      const { loss, metrics } = objective(config, params, batch, { halting: { ...base, varianceWeight: 1 } });
      const variance = metrics['act/q_token_variance']!.dataSync()[0]!;
      expect(variance).toBeLessThan(0.1);
      expect(loss.dataSync()[0]! - without).toBeCloseTo(0.1 - variance, 4);
    });
  });
});

/** -ln p(target) [B, T]; 0 where there is no target. */
function tokenNll(logits: Tensor3D, targets: Tensor2D): tf.Tensor {
  const oneHot = tf.oneHot(targets, logits.shape[2]);
  return tf.neg(tf.sum(tf.mul(oneHot, tf.logSoftmax(logits)), 2));
}

function meanNll(logits: Tensor3D, targets: Tensor2D): tf.Tensor {
  return tf.div(tf.sum(tokenNll(logits, targets)), tf.sum(tf.cast(tf.greaterEqual(targets, 0), 'float32')));
}
