import * as tf from '@tensorflow/tfjs';
import { defineArchitecture, Type, withDefault, type Static, type TensorMap } from 'agentforge';

const size = (description: string) => Type.Integer({ minimum: 1, description });
const NGram = Type.Object(
  {
    vocabularySize: withDefault(size('Tokens'), 1024),
    contextLength: withDefault(size('Longest row'), 256),
    order: withDefault(size('Tokens that the next one is predicted from'), 4),
    width: withDefault(size('Numbers per token'), 64),
  },
  { additionalProperties: false },
);
const read = (config: unknown): Static<typeof NGram> => config as Static<typeof NGram>;

/** A neural n-gram model (Bengio et al. 2003): the last few tokens of a document, mixed by one hidden layer. */
export const nGram = defineArchitecture({
  name: 'n-gram',
  description: 'Next token from the last few, by one hidden layer',
  create: () => ({
    configSchema: NGram,
    contextLength: (config) => read(config).contextLength,
    vocabularySize: (config) => read(config).vocabularySize,
    attentions: () => [],
    describe: (config) => {
      const { vocabularySize, order, width } = read(config);
      const init = { kind: 'normal', std: 0.05 } as const;
      return [
        { name: 'embedding', shape: [vocabularySize, width], role: 'embedding', init },
        { name: 'hidden.weight', shape: [order * width, width], role: 'ffn-up', init },
        { name: 'hidden.bias', shape: [width], role: 'bias', init: { kind: 'constant', value: 0 } },
      ];
    },
    forward: (config, params, { ids, segments }, { select } = {}) => {
      const all = hidden(config, params, ids, segments);
      const picked = select === undefined ? all : at(all, select);
      const [rows, length, width] = picked.shape;
      return {
        features: tf.reshape(picked, [1, rows, length, width]),
        head: params['embedding'] as tf.Tensor2D,
        halting: [],
        hidden: [],
        peaks: [],
        statistics: {},
      };
    },
  }),
});

/** [B, T, width]: what is known at each position, from its own token back. */
function hidden(config: unknown, params: TensorMap, ids: tf.Tensor2D, segments: tf.Tensor2D): tf.Tensor3D {
  const { order, width } = read(config);
  const [rows, length] = ids.shape;
  const tokens = tf.gather(params['embedding']!, ids) as tf.Tensor3D;
  const documents = tf.expandDims(tf.cast(segments, 'float32'), 2) as tf.Tensor3D;
  const before = Array.from({ length: Math.min(order, length) }, (_, back) => {
    const sameDocument = tf.cast(tf.equal(shifted(documents, back, -1), documents), 'float32');
    return tf.mul(shifted(tokens, back, 0), sameDocument);
  });
  const missing = order - before.length;
  const padding = missing === 0 ? [] : [tf.zeros([rows, length, missing * width])];
  const seen = tf.reshape(tf.concat([...before, ...padding], 2), [rows * length, order * width]);
  const mixed = tf.add(
    tf.matMul(seen as tf.Tensor2D, params['hidden.weight'] as tf.Tensor2D),
    params['hidden.bias']!,
  );
  return tf.reshape(tf.tanh(mixed), [rows, length, width]);
}

/** Every row moved `by` positions to the right, with `fill` where nothing was. */
function shifted(x: tf.Tensor3D, by: number, fill: number): tf.Tensor3D {
  if (by === 0) return x;
  const [rows, length, width] = x.shape;
  return tf.concat([tf.fill([rows, by, width], fill), tf.slice(x, [0, 0, 0], [rows, length - by, width])], 1);
}

/** [B, T, c] -> [B, 1, c] at one position of each row. */
function at(x: tf.Tensor3D, select: tf.Tensor): tf.Tensor3D {
  const [rows, length, width] = x.shape;
  const places = tf.add(tf.range(0, rows * length, length, 'int32'), select) as tf.Tensor1D;
  return tf.reshape(tf.gather(tf.reshape(x, [rows * length, width]), places), [rows, 1, width]);
}

export default nGram;
