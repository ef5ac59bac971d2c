import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import type { TensorDict, TensorMap } from '../../../../core/contracts/tensor.js';
import { answerLogits } from '../../../../nn/models/index.js';
import { expectClose } from '../../../support/close.js';
import { describeOnEngines, integers } from '../../../support/engines.js';
import { LLAMA_CASES, shared, type LlamaOracle } from './cases.js';
import { roundFrequencies, type HalfType } from './rounded-frequencies.js';

/** [B, T, V] */
function logitsOf({ architecture, config }: LlamaOracle, params: TensorMap, ids: Tensor2D): Tensor3D {
  return answerLogits(architecture.forward(config, params, { ids, segments: tf.zerosLike(ids) }));
}

/** Mean cross-entropy of the tokens after the first of each row, written from its definition. */
function nextTokenLoss(logits: Tensor3D, ids: Tensor2D): Scalar {
  const [rows, length, vocabulary] = logits.shape;
  const predicted = tf.reshape(tf.slice(logits, [0, 0, 0], [-1, length - 1, -1]), [-1, vocabulary]);
  const next = tf.reshape(tf.slice(ids, [0, 1], [-1, length - 1]), [rows * (length - 1)]);
  const picked = tf.mul(tf.logSoftmax(predicted), tf.oneHot(next, vocabulary));
  return tf.neg(tf.div(tf.sum(picked), rows * (length - 1))) as Scalar;
}

/** What the frequencies behind the answers of a case were rounded to. */
const ROUNDED: Readonly<Record<string, HalfType>> = {
  'gqa-tied-bf16-sharded': 'bfloat16',
  'gqa-untied-fp16': 'float16',
};

shared.describe.each(LLAMA_CASES)('llama agrees with transformers: $name', ({ name: title, read }) => {
  let oracle: LlamaOracle;
  let restore = (): void => undefined;
  beforeAll(async () => {
    oracle = await read();
    const type = ROUNDED[title];
    if (type !== undefined) restore = roundFrequencies(type, oracle.config['ropeTheta'] as number);
  });
  afterAll(() => restore());

  test('the tensors are those that describe names, with their shapes', () => {
    const { architecture, config, weights } = oracle;
    const described = architecture.describe(config).map(({ name, shape }) => [name, [...shape]]);
    const stored = Object.entries(weights).map(([name, { shape }]) => [name, [...shape]]);
    expect(Object.fromEntries(described)).toEqual(Object.fromEntries(stored));
  });

  describeOnEngines('forward and backward', (compute) => {
    test('logits, loss and every gradient to 1e-5', async () => {
      const { weights, expected } = oracle;
      const ids = integers(expected['input_ids']!.data, expected['input_ids']!.shape);
      const names = Object.keys(weights);
      const found = await compute({ ...weights, ids }, (tensors) => {
        const input = tensors['ids'] as Tensor2D;
        const loss = (...args: tf.Tensor[]): Scalar => {
          const params = Object.fromEntries(names.map((name, i) => [name, args[i]!]));
          return nextTokenLoss(logitsOf(oracle, params, input), input);
        };
        const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => tensors[name]!));
        return {
          logits: logitsOf(oracle, tensors, input),
          loss: tf.reshape(value, [1]),
          ...Object.fromEntries(names.map((name, i) => [`grad.${name}`, grads[i]!])),
        };
      });
      const compared: TensorDict = { logits: expected['logits']!, loss: expected['loss']! };
      for (const name of names) compared[`grad.${name}`] = expected[`grad.${name}`]!;
      for (const [name, tensor] of Object.entries(compared)) expectClose(found[name]!, tensor);
    });
  });
});
