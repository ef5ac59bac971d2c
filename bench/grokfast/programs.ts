import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { TensorDict, TensorMap, TensorSpecs } from '../../core/contracts/tensor.js';
import { adamWStep, adamWUpdate, grokfast, muonUpdate } from '../../nn/optim/index.js';
import { PUBLISHED, ternaryStraightThrough } from '../../nn/quantization/ternary.js';
import { fromGroup, inGroup, specsOf, zeros } from '../../nn/training/index.js';
import type { ProgramSource } from '../../nn/training/programs.js';
import { ALPHA, LAMBDA, type Arm } from './arms.js';
import type { Toy } from './toy.js';

/** Of Adam as in both papers; Muon as the presets have it, with the scale that suits Adam's rates. */
const ADAM = { beta1: 0.9, beta2: 0.98, epsilon: 1e-8 } as const;
const MUON = { momentum: 0.95, nesterov: true, newtonSchulzSteps: 5, scale: 'moonlight' } as const;
const scalar = { shape: [], dtype: 'float32' } as const;

/** Where training starts: weights, and zeros for all that an arm carries. */
export function startingState(toy: Toy, arm: Arm, weights: TensorDict): TensorDict {
  const carried = Object.entries(toy.tensors).flatMap(([name, { shape, hidden }]) => {
    const moments = arm.muon && hidden ? ['momentum'] : ['first', 'second'];
    const parts = arm.filter === 'off' ? moments : ['slow', ...moments];
    return parts.map((part) => [`${name}/${part}`, { shape, dtype: 'float32' as const }] as const);
  });
  return { ...inGroup('param', weights), ...zeros(inGroup('opt', Object.fromEntries(carried))) };
}

/**
 * One update: loss of the answers, gradients, filter, decay, Adam or Muon; all in one program whose state stays with the
 * engine. There is no clipping, as in the published script.
 *
 * @param rows of a batch
 */
export function updateSource(toy: Toy, arm: Arm, rows: number, start: TensorDict): ProgramSource {
  return {
    spec: {
      name: 'grokfast-update',
      inputs: { ...sumSpecs(rows), step: scalar, rate: scalar },
      state: specsOf(start),
    },
    fn: (inputs, state) => {
      const params = fromGroup('param', state);
      const names = Object.keys(params);
      const loss = (...values: Tensor[]): Scalar =>
        crossEntropy(
          answersOf(toy, arm, Object.fromEntries(names.map((name, i) => [name, values[i]!])), inputs),
          inputs['answer'] as Tensor1D,
        );
      const { value, grads } = tf.engine().gradients(
        () => loss(...names.map((name) => params[name]!)),
        names.map((name) => params[name]!),
      );
      const next: TensorMap = {};
      for (const [i, name] of names.entries())
        Object.assign(next, updated(toy, arm, name, grads[i]!, inputs, state));
      return { outputs: { loss: value }, state: next };
    },
  };
}

/** Share of right answers among the trained and among the other sums. @param trained how many of the rows, from the first */
export function accuracySource(
  toy: Toy,
  arm: Arm,
  rows: number,
  trained: number,
  start: TensorDict,
): ProgramSource {
  return {
    spec: {
      name: 'grokfast-accuracy',
      inputs: sumSpecs(rows),
      state: specsOf(inGroup('param', fromGroup('param', start))),
    },
    fn: (inputs, state) => {
      const chosen = tf.argMax(answersOf(toy, arm, fromGroup('param', state), inputs), 1);
      const right = tf.cast(tf.equal(chosen, inputs['answer']!), 'float32') as Tensor1D;
      const share = (from: number, count: number): Tensor => tf.mean(tf.slice(right, [from], [count]));
      return { outputs: { train: share(0, trained), validation: share(trained, rows - trained) } };
    },
  };
}

function sumSpecs(rows: number): TensorSpecs {
  const ids = { shape: [rows], dtype: 'int32' } as const;
  return { a: ids, b: ids, answer: ids };
}

function answersOf(toy: Toy, { ternary }: Arm, params: TensorMap, inputs: TensorMap): Tensor2D {
  const bound: TensorMap = { ...params };
  if (ternary)
    for (const [name, { hidden }] of Object.entries(toy.tensors))
      if (hidden) bound[name] = ternaryStraightThrough(params[name]!, PUBLISHED);
  return toy.logits(bound, inputs['a'] as Tensor1D, inputs['b'] as Tensor1D);
}

/** Mean of -ln p(answer). */
function crossEntropy(logits: Tensor2D, answers: Tensor1D): Scalar {
  const wanted = tf.cast(tf.oneHot(answers, logits.shape[1]), 'float32');
  return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), wanted), 1))) as Scalar;
}

/** A tensor and what is carried for it after the update. L2 is added behind the filter, as Adam's own weight decay is. */
function updated(
  toy: Toy,
  { filter, muon, decay }: Arm,
  name: string,
  gradient: Tensor,
  inputs: TensorMap,
  state: TensorMap,
): TensorMap {
  const [step, rate] = [inputs['step'] as Scalar, inputs['rate'] as Scalar];
  const weight = state[`param/${name}`]!;
  const before = (part: string): Tensor => state[`opt/${name}/${part}`]!;
  const carried = (part: string, value: Tensor): TensorMap => ({ [`opt/${name}/${part}`]: value });
  const filtered =
    filter === 'off'
      ? null
      : grokfast(gradient, before('slow'), step, { filter, alpha: ALPHA, lambda: LAMBDA });
  const slow = filtered === null ? {} : carried('slow', filtered.average);
  const plain = filtered?.gradient ?? gradient;
  const given = decay.kind === 'l2' ? tf.add(plain, tf.mul(weight, decay.amount)) : plain;
  const weightDecay = decay.kind === 'decoupled' ? decay.amount : 0;
  if (muon && toy.tensors[name]!.hidden === true) {
    const [matrix, turned] = [weight as Tensor2D, given as Tensor2D];
    const after = muonUpdate(matrix, turned, before('momentum') as Tensor2D, rate, { ...MUON, weightDecay });
    return { ...slow, [`param/${name}`]: after.weight, ...carried('momentum', after.momentum) };
  }
  const at = adamWStep(step, rate, ADAM);
  const after = adamWUpdate(weight, given, before('first'), before('second'), at, { ...ADAM, weightDecay });
  return {
    ...slow,
    [`param/${name}`]: after.weight,
    ...carried('first', after.first),
    ...carried('second', after.second),
  };
}
