import type { TensorDict } from '../../../../core/contracts/tensor.js';
import { PUBLISHED, ternary } from '../../../../nn/quantization/index.js';
import { checkInput } from '../../../../plugins/phases/curriculum/check-input.js';
import { Forge } from '../../../../plugins/phases/curriculum/training.js';
import { readModelWeights } from '../../../../plugins/phases/shared/model/packed-weights.js';
import { withRun } from './support.js';

/** Scales that quantising floats made of codes gives are smaller by the share of zeros (gamma * (1 - z)). */
test('latents that are floats made of codes are noticed', () =>
  withRun({}, async (run) => {
    const codes: TensorDict = await readModelWeights(run.ctx, run.ternary);
    const names = Object.entries(run.quantization.formats).flatMap(([name, { use }]) =>
      use === 'ternary' ? [name] : [],
    );
    let most = 0;
    for (const name of names) {
      const once = ternary(run.origin.weights[name]!, PUBLISHED);
      const twice = ternary(codes[name]!, PUBLISHED);
      const zeros = once.codes.filter((code) => code === 0).length / once.codes.length;
      expect(twice.codes).toEqual(once.codes);
      expect(twice.scales[0]! / once.scales[0]!).toBeCloseTo(1 - zeros, 5);
      most = Math.max(most, zeros);
    }
    expect(most).toBeGreaterThan(0.1);
    const forge = await Forge.open(run);
    try {
      const right = await checkInput(run, forge);
      expect(right.difference).toBeLessThan(1e-6);
      expect(right.cut).toEqual([]);
      const trapped = await checkInput({ ...run, origin: { ...run.origin, weights: codes } }, forge);
      expect(trapped.difference).toBeCloseTo(most, 4);
    } finally {
      await forge.dispose();
    }
  }));
