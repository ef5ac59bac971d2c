import * as tf from '@tensorflow/tfjs';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import { ARCHITECTURE, type Architecture } from '../../../../core/contracts/architecture.js';
import type { HostTensor, TensorDict } from '../../../../core/contracts/tensor.js';
import { initializeWeights } from '../../../../nn/models/index.js';
import { stream } from '../../../../nn/random/index.js';
import { llama } from '../../../../plugins/architectures/llama/index.js';
import { completeHyperparameters, implementationOf } from '../../../../testing/index.js';
import { expectClose } from '../../../support/close.js';
import { describeOnEngines, integers, type Compute } from '../../../support/engines.js';

const SMALL = {
  ...{ vocabularySize: 40, contextLength: 16, hiddenSize: 24, layers: 2, heads: 6, keyValueHeads: 2 },
  ...{ ffn: 32, tiedHead: false, initializerStd: 0.3 },
};

/** Texts of different lengths; the longest fills the context. */
const LENGTHS = [16, 5, 1];

describeOnEngines('decoding llama', (compute) => {
  let architecture: Architecture;
  let config: Record<string, unknown>;
  let weights: TensorDict;
  const texts = LENGTHS.map((length, row) => {
    const numbers = stream(3, 'texts', row);
    return Array.from({ length }, () => numbers.integer(SMALL.vocabularySize));
  });
  beforeAll(async () => {
    architecture = await implementationOf(ARCHITECTURE, llama());
    config = await completeHyperparameters(architecture, SMALL);
    weights = initializeWeights(architecture.describe(config), 5);
  });

  /** Features of every position of each text, read as a whole. */
  const whole = async (run: Compute): Promise<HostTensor> => {
    const ids = texts.flatMap((text) => [...text, ...new Array<number>(16 - text.length).fill(0)]);
    const found = await run({ ...weights, ids: integers(ids, [3, 16]) }, (t) => {
      const input = { ids: t['ids'] as Tensor2D, segments: tf.zerosLike(t['ids'] as Tensor2D) };
      return { features: architecture.forward(config, t, input).features };
    });
    return found['features']!;
  };

  /** One call: the next tokens of each row with what was carried so far. */
  const read = async (state: TensorDict, tokens: readonly (readonly number[])[]) => {
    const length = Math.max(1, ...tokens.map((each) => each.length));
    const ids = tokens.flatMap((each) => [...each, ...new Array<number>(length - each.length).fill(39)]);
    const inputs = {
      ...{ ...weights, ...state },
      ids: integers(ids, [tokens.length, length]),
      counts: integers(tokens.map((each) => each.length)),
    };
    return compute(inputs, (t) => {
      const input = { ids: t['ids'] as Tensor2D, counts: t['counts'] as Tensor1D };
      const { features, state: after } = architecture.decoder!.decode(config, t, t, input);
      return { ...after, features };
    });
  };

  const emptyState = (rows: number): TensorDict =>
    Object.fromEntries(
      Object.entries(architecture.decoder!.carried(config, rows)).map(([name, { shape, dtype }]) => {
        const size = shape.reduce((product, side) => product * side, 1);
        const data = dtype === 'int32' ? new Int32Array(size) : new Float32Array(size);
        return [name, { shape, dtype, data }];
      }),
    );

  const rowOf = ({ data }: HostTensor, row: number, position: number): number[] => {
    const start = (row * 16 + position) * SMALL.hiddenSize;
    return Array.from(data.subarray(start, start + SMALL.hiddenSize));
  };

  /** Read all texts in steps of so many tokens, and compare after each. */
  test.each([[[1]], [[4, 1, 3]], [[16]]])('in steps of %j tokens gives what forward gives', async (steps) => {
    const expected = await whole(compute);
    let state = emptyState(texts.length);
    const done = texts.map(() => 0);
    for (let call = 0; texts.some((text, row) => done[row]! < text.length); call++) {
      const next = texts.map((text, row) => text.slice(done[row], done[row]! + steps[call % steps.length]!));
      const { features, ...after } = await read(state, next);
      state = after;
      next.forEach((tokens, row) => {
        done[row]! += tokens.length;
        if (tokens.length === 0) return;
        const found = features!.data.subarray(row * SMALL.hiddenSize, (row + 1) * SMALL.hiddenSize);
        expectClose(
          { dtype: 'float32', shape: [SMALL.hiddenSize], data: found },
          rowOf(expected, row, done[row]! - 1),
        );
      });
    }
    expect(Array.from(state['length']!.data)).toEqual(LENGTHS);
  });

  test('a row without tokens keeps its state', async () => {
    const { features: _, ...before } = await read(emptyState(2), [[1, 2, 3], [4]]);
    const { features: __, ...after } = await read(before, [[5], []]);
    for (const [name, tensor] of Object.entries(before)) {
      const size = tensor.data.length / 2;
      expect(Array.from(after[name]!.data.subarray(size))).toEqual(Array.from(tensor.data.subarray(size)));
    }
  });
});
