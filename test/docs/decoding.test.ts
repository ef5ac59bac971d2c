import { Type } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs';
import type { Architecture, Decoder, TensorDescription } from '../../core/contracts/architecture.js';
import { architectureConformance } from '../../testing/index.js';
import { testConformance } from '../support/conformance.js';
import { runSnippet, snippetsOf } from '../support/snippets.js';

const VOCABULARY = 9;
const [snippet] = snippetsOf('docs/decoding.md');
const { decoder } = runSnippet(snippet!, { '@tensorflow/tfjs': tf }) as { decoder: Decoder };

/** The model that the decoder of the page belongs to, over whole rows. */
const twoTokens: Architecture = {
  configSchema: Type.Object({}),
  describe: () => [table('now', VOCABULARY), table('earlier', VOCABULARY + 1)],
  contextLength: () => 64,
  vocabularySize: () => VOCABULARY,
  attentions: () => [],
  forward: (_config, params, { ids, segments }, options) => {
    const [rows, length] = ids.shape;
    const shifted = (x: tf.Tensor): tf.Tensor =>
      tf.concat([tf.fill([rows, 1], -1, 'int32'), tf.slice(x, [0, 0], [-1, length - 1])], 1);
    const before = tf.where(
      tf.equal(shifted(segments), segments),
      tf.add(shifted(ids), tf.scalar(1, 'int32')),
      tf.zerosLike(ids),
    );
    const said = tf.add(
      tf.gather(params['now']!, ids),
      tf.gather(params['earlier']!, tf.cast(before, 'int32')),
    );
    const chosen =
      options?.select === undefined
        ? said
        : tf.sum(tf.mul(said, tf.expandDims(tf.oneHot(options.select as tf.Tensor1D, length), 2)), 1, true);
    return {
      features: tf.expandDims(chosen, 0) as tf.Tensor4D,
      head: tf.eye(VOCABULARY),
      ...{ halting: [], hidden: [], peaks: [], statistics: {} },
    };
  },
  decoder,
};

function table(name: string, rows: number): TensorDescription {
  return { name, shape: [rows, VOCABULARY], role: 'embedding', init: { kind: 'normal', std: 0.02 } };
}

describe('the decoder of the page conforms', () => {
  testConformance(architectureConformance(() => twoTokens, { hyperparameters: {} }));
});
