import * as tf from '@tensorflow/tfjs';
import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import type { ForwardInput } from '../../../core/contracts/architecture.js';
import type { HostTensor } from '../../../core/contracts/tensor.js';
import { allLogits } from '../../../nn/models/index.js';
import type { TitansMagConfig } from '../../../plugins/architectures/titans-mag/config.js';
import { forward } from '../../../plugins/architectures/titans-mag/forward.js';
import { largestDifference } from '../../support/close.js';
import { describeOnEngines, floats, integers } from '../../support/engines.js';
import { livelyWeights, randomIds, SPECIALISED, tinyTitansMag } from '../../support/titans-mag.js';

const LENGTH = 10;

describeOnEngines('titans-mag with positions and an extra mask', (compute) => {
  /** Logits of all steps, one after the other, [K, B, T, V]. */
  async function logits(
    config: TitansMagConfig,
    ids: ArrayLike<number>,
    extra: { readonly positions?: HostTensor; readonly mask?: HostTensor } = {},
  ): Promise<Float32Array> {
    const row = [1, ids.length] as const;
    const inputs = {
      ...livelyWeights(config),
      ids: integers(ids, row),
      segments: integers(new Int32Array(ids.length), row),
      ...extra,
    };
    const found = await compute(inputs, (t) => {
      const input: ForwardInput = {
        ids: t['ids'] as Tensor2D,
        segments: t['segments'] as Tensor2D,
        ...(extra.positions && { positions: t['positions'] as Tensor2D }),
        ...(extra.mask && { mask: t['mask'] as Tensor3D }),
      };
      return { logits: tf.stack(allLogits(forward(config, t, input))) };
    });
    return found['logits']!.data as Float32Array;
  }

  describe.each([
    ['plain memory', {}],
    ['capacity groups and write weights', SPECIALISED],
    ['short convolutions', { shortConvolution: 3 }],
  ])('with %s', (_name, overrides) => {
    const config = tinyTitansMag(overrides);

    test('the positions 0..T-1 and a mask of ones change nothing', async () => {
      const ids = randomIds(config, LENGTH, 1);
      const positions = integers(
        Array.from({ length: LENGTH }, (_, i) => i),
        [1, LENGTH],
      );
      const mask = floats(new Float32Array(LENGTH * LENGTH).fill(1), [1, LENGTH, LENGTH]);
      const plain = await logits(config, ids);
      expect(largestDifference(await logits(config, ids, { positions }), plain)).toBeLessThan(1e-5);
      expect(largestDifference(await logits(config, ids, { mask }), plain)).toBeLessThan(1e-5);
    });

    test('a continuation in a slot of its own reads as if the other slot were not there', async () => {
      // Tokens 0..4, then one continuation at places 5..6 and another at 7..9, both of position 5 on.
      const ids = randomIds(config, LENGTH, 3);
      const positions = integers([0, 1, 2, 3, 4, 5, 6, 5, 6, 7], [1, LENGTH]);
      const sees = (i: number, j: number): boolean => j < 5 || (i < 7 ? j < 7 : j >= 7);
      const mask = floats(
        Array.from({ length: LENGTH * LENGTH }, (_, at) =>
          sees(Math.floor(at / LENGTH), at % LENGTH) ? 1 : 0,
        ),
        [1, LENGTH, LENGTH],
      );
      const both = await logits(config, ids, { positions, mask });
      const alone = [...ids.subarray(0, 5), ...ids.subarray(7)];
      const second = await logits(config, alone);
      const V = config.vocabularySize;
      for (let step = 0; step < config.recursion.steps; step++) {
        const inBoth = both.subarray((step * LENGTH + 7) * V, (step + 1) * LENGTH * V);
        const inAlone = second.subarray((step * 8 + 5) * V, (step + 1) * 8 * V);
        expect(largestDifference(inBoth, inAlone)).toBeLessThan(2e-5);
      }
    });
  });

  test('gives the hidden states of every layer when asked, and answers at one step alone', async () => {
    const config = tinyTitansMag();
    const row = [1, LENGTH] as const;
    const inputs = {
      ...livelyWeights(config),
      ids: integers(randomIds(config, LENGTH), row),
      segments: integers(new Int32Array(LENGTH), row),
    };
    const found = await compute(inputs, (t) => {
      const input = { ids: t['ids'] as Tensor2D, segments: t['segments'] as Tensor2D };
      const [plain, deep] = [forward(config, t, input), forward(config, t, input, { hidden: true })];
      const [second] = [forward(config, t, input, { step: 2 })];
      expect(plain.hidden).toEqual([]);
      expect(deep.hidden.map(({ shape }) => shape)).toEqual([
        [1, LENGTH, config.dModel],
        [1, LENGTH, config.dModel],
      ]);
      return {
        moved: tf.max(tf.abs(tf.sub(deep.hidden[1]!, deep.hidden[0]!))),
        all: tf.slice(plain.features, [1, 0, 0, 0], [1, -1, -1, -1]),
        alone: second.features,
      };
    });
    expect(found['moved']!.data[0]).toBeGreaterThan(1e-3);
    expect(found['alone']!.shape).toEqual(found['all']!.shape);
    expect(largestDifference(found['alone']!.data, found['all']!.data)).toBeLessThan(1e-6);
  });
});
