import * as tf from '@tensorflow/tfjs';
import { Type } from '@sinclair/typebox';
import { ARCHITECTURE, type Architecture, type Forward } from '../../core/contracts/architecture.js';
import type { TensorMap } from '../../core/contracts/tensor.js';
import { titansMag } from '../../plugins/architectures/index.js';
import { architectureConformance, implementationOf, tinyModel } from '../../testing/index.js';
import { fails, testConformance } from '../support/conformance.js';

test('the tiny model is small, complete and the same for the same seed', async () => {
  const architecture = await implementationOf(ARCHITECTURE, titansMag());
  const [model, again, other] = [
    await tinyModel(architecture),
    await tinyModel(architecture),
    await tinyModel(architecture, { seed: 1 }),
  ];
  expect(model.ref.metadata.parameters).toBeLessThan(10_000);
  expect(Object.keys(model.weights)).toEqual(
    architecture.describe(model.ref.config.hyperparameters).map(({ name }) => name),
  );
  expect(again.ref.weights.sha256).toBe(model.ref.weights.sha256);
  expect(other.ref.weights.sha256).not.toBe(model.ref.weights.sha256);
});

test('hyper-parameters that do not fit are named', async () => {
  const architecture = await implementationOf(ARCHITECTURE, titansMag());
  await expect(tinyModel(architecture, { hyperparameters: { layers: 0, depth: 2 } })).rejects.toMatchObject({
    code: 'AF_MODEL_CONFIG',
    problems: expect.arrayContaining([expect.objectContaining({ at: 'layers' })]) as unknown,
  });
});

/** What the next token looks like to a model that only knows the current one. */
interface Mistake {
  /** Mix the following token into the logits. */
  readonly peek?: boolean;
  /** Mix the first token of the row into the logits, whatever document it belongs to. */
  readonly leak?: boolean;
  /** Leave the bias out of the loss. */
  readonly forget?: boolean;
  /** Give the first position instead of the selected one. */
  readonly misplace?: boolean;
  /** Compute two steps, and both of them whatever is asked for. */
  readonly unrolled?: boolean;
  /** Report attention peaks whether anybody asks or not. */
  readonly chatty?: boolean;
  /** Start far from uniform. */
  readonly confident?: boolean;
}

const VOCABULARY = 11;

function bigram(mistake: Mistake): Architecture {
  const logits = (params: TensorMap, ids: tf.Tensor2D): tf.Tensor3D => {
    const rows = (of: tf.Tensor): tf.Tensor => tf.gather(params['table']!, tf.cast(of, 'int32'));
    let out = tf.add(rows(ids), mistake.forget === true ? tf.zerosLike(params['bias']!) : params['bias']!);
    const length = ids.shape[1];
    if (mistake.peek === true)
      out = tf.add(out, rows(tf.concat([ids.slice([0, 1]), ids.slice([0, 0], [-1, 1])], 1)));
    if (mistake.leak === true) out = tf.add(out, rows(tf.tile(ids.slice([0, 0], [-1, 1]), [1, length])));
    return out as tf.Tensor3D;
  };
  return {
    configSchema: Type.Object({}),
    describe: () => [
      {
        name: 'table',
        shape: [VOCABULARY, VOCABULARY],
        role: 'embedding',
        init: { kind: 'normal', std: mistake.confident === true ? 5 : 0.02 },
      },
      { name: 'bias', shape: [VOCABULARY], role: 'bias', init: { kind: 'constant', value: 0 } },
    ],
    contextLength: () => 64,
    vocabularySize: () => VOCABULARY,
    attentions: () => [],
    forward: (_config, params, { ids }, options) => {
      const all = logits(params, ids);
      // A head that is the identity: the features are the logits.
      const pass = (features: tf.Tensor3D): Forward => ({
        features: tf.stack(mistake.unrolled === true ? [features, features] : [features]) as tf.Tensor4D,
        head: tf.eye(VOCABULARY),
        halting: [],
        hidden: [],
        peaks:
          mistake.chatty === true ? [{ query: 'table', key: 'table', heads: 1, peak: tf.zeros([1]) }] : [],
        statistics: {},
      });
      if (options?.select === undefined) return pass(all);
      const select = mistake.misplace === true ? tf.zerosLike(options.select) : options.select;
      const picked = tf.sum(
        tf.mul(all, tf.expandDims(tf.oneHot(select as tf.Tensor1D, ids.shape[1]), 2)),
        1,
        true,
      );
      return pass(picked as tf.Tensor3D);
    },
  };
}

const options = { hyperparameters: {} };

describe('a bigram table conforms', () => {
  testConformance(architectureConformance(() => bigram({}), options));
});

describe('a wrong architecture fails, in the case that is about it', () => {
  test.each<[Mistake, string]>([
    [{ peek: true }, 'sees no future token'],
    [{ leak: true }, 'keeps documents and rows apart'],
    [{ forget: true }, 'gives every tensor a finite gradient'],
    [{ misplace: true }, 'gives the same logits for a selected position'],
    [{ unrolled: true }, 'gives the same first steps when no more are unrolled'],
    [{ chatty: true }, 'finds attention peaks where it is asked to'],
    [{ confident: true }, 'starts at the entropy of a uniform guess'],
  ])('%j', async (mistake, name) => {
    expect(
      await fails(
        architectureConformance(() => bigram(mistake), options),
        name,
      ),
    ).toBe(true);
  });
});

/** How a decoder that carries the token before can go wrong. */
interface DecoderMistake {
  /** Forget the token before. */
  readonly amnesia?: boolean;
  /** Keep the first token of a piece instead of the last. */
  readonly pieces?: boolean;
  /** Take the padding for tokens. */
  readonly padding?: boolean;
  /** Carry on where there was nothing to read. */
  readonly restless?: boolean;
  /** Carry something of the length that was said, and not look at its shape. */
  readonly rigid?: boolean;
}

/** Says of a token what two tables say of it and of the one before; carries that one, 0 for none. */
function trigram(mistake: DecoderMistake): Architecture {
  const lookUp = (table: tf.Tensor, ids: tf.Tensor): tf.Tensor3D =>
    tf.gather(table, tf.cast(ids, 'int32')) as tf.Tensor3D;
  /** @param shifted id + 1 of the token before each, 0 for none */
  const say = (params: TensorMap, ids: tf.Tensor, shifted: tf.Tensor): tf.Tensor3D => {
    const earlier = tf.concat([tf.zeros([1, VOCABULARY]), params['earlier']!]);
    return tf.add(lookUp(params['table']!, ids), lookUp(earlier, shifted));
  };
  const before = (first: tf.Tensor, ids: tf.Tensor2D): tf.Tensor =>
    tf.concat([first, tf.add(ids.slice([0, 0], [-1, ids.shape[1] - 1]), tf.scalar(1, 'int32'))], 1);
  const plain = bigram({});
  const answer = (features: tf.Tensor3D) => ({
    features: tf.expandDims(features, 0) as tf.Tensor4D,
    head: tf.eye(VOCABULARY),
    halting: [],
  });
  const table = (name: string) =>
    ({
      name,
      shape: [VOCABULARY, VOCABULARY],
      role: 'embedding',
      init: { kind: 'normal', std: 0.02 },
    }) as const;
  return {
    ...plain,
    describe: () => [table('table'), table('earlier')],
    forward: (_config, params, { ids, segments }, options) => {
      const none = tf.zeros([ids.shape[0], 1], 'int32');
      const one = tf.scalar(1, 'int32');
      const same = tf.equal(before(none, segments), tf.add(segments, one));
      const all = say(params, ids, tf.mul(before(none, ids), tf.cast(same, 'int32')));
      const select = options?.select as tf.Tensor1D | undefined;
      const features =
        select === undefined
          ? all
          : (tf.sum(tf.mul(all, tf.expandDims(tf.oneHot(select, ids.shape[1]), 2)), 1, true) as tf.Tensor3D);
      return { ...answer(features), hidden: [], peaks: [], statistics: {} };
    },
    decoder: {
      carried: (_config, rows, longest) => ({
        last: { shape: [rows], dtype: 'int32' },
        ...(mistake.rigid === true && { cache: { shape: [rows, longest ?? 64], dtype: 'float32' } }),
      }),
      limit: () => null,
      decode: (_config, params, state, { ids, counts }) => {
        const [rows, length] = ids.shape;
        const kept = tf.expandDims(state['last']!, 1);
        const first = mistake.amnesia === true ? tf.zerosLike(kept) : kept;
        const real = mistake.padding === true ? tf.fill([rows], length, 'int32') : counts;
        const at = tf.maximum(tf.sub(real, tf.scalar(1, 'int32')), tf.scalar(0, 'int32'));
        // tf.oneHot refuses a single column.
        const chosen = tf.equal(tf.expandDims(at, 1), tf.range(0, length, 1, 'int32'));
        const pick = tf.cast(tf.expandDims(chosen, 2), 'float32');
        const all = say(params, ids, before(first, ids));
        const newestOf = mistake.pieces === true ? tf.equal(tf.range(0, length, 1, 'int32'), 0) : chosen;
        const newest = tf.add(tf.sum(tf.mul(ids, tf.cast(newestOf, 'int32')), 1), tf.scalar(1, 'int32'));
        const read = tf.greater(counts, tf.scalar(0, 'int32'));
        const last = mistake.restless === true ? newest : tf.where(read, newest, state['last']!);
        return {
          ...answer(tf.sum(tf.mul(all, pick), 1, true) as tf.Tensor3D),
          state: {
            last: tf.cast(last, 'int32'),
            ...(mistake.rigid === true && { cache: tf.zeros([rows, 64]) }),
          },
        };
      },
    },
  };
}

describe('an architecture that decodes conforms', () => {
  testConformance(architectureConformance(() => trigram({}), options));
});

describe('a wrong decoder fails, in the case that is about it', () => {
  test.each<[DecoderMistake, string]>([
    [{ amnesia: true }, 'decodes the logits of forward at every position'],
    [{ pieces: true }, 'reads a text in any pieces'],
    [{ padding: true }, 'reads rows of different lengths side by side'],
    [{ restless: true }, 'keeps what is carried of a row without new tokens'],
    [{ rigid: true }, 'reads texts whose length was said beforehand'],
  ])('%j', async (mistake, name) => {
    expect(
      await fails(
        architectureConformance(() => trigram(mistake), options),
        name,
      ),
    ).toBe(true);
  });
});
