import { normName } from '../../core/contracts/quantization.js';
import type { TensorDict } from '../../core/contracts/tensor.js';
import { ForgeError } from '../../core/errors/index.js';
import type { CalibrationStatistics, InputStatistics } from './statistics.js';

/**
 * Gains of norms that are put before matrices of a trained model (SubLN; Wang et al. 2022): one constant for all channels,
 * the calibrated size of the input, so that g RMSNorm(x) is about x and the model computes about what it did. Of all
 * constants it is the one with the least squared error over the tokens, which without an epsilon is the mean of their RMS;
 * a few tokens of great size do not spoil it for the others.
 *
 * @param matrices names of linear matrices
 * @returns float32 [in] by {@link normName}
 * @throws ForgeError AF_MODEL_CONFIG when a matrix was not measured
 */
export function subLnGains(
  statistics: Pick<CalibrationStatistics, 'matrices' | 'unmeasured'>,
  matrices: readonly string[],
): TensorDict {
  return Object.fromEntries(
    matrices.map((name) => {
      const { gain, power } = measured(statistics, name);
      const data = new Float32Array(power.length).fill(gain);
      return [normName(name), { shape: [power.length], dtype: 'float32', data }];
    }),
  );
}

/** What went into a matrix. @throws ForgeError AF_MODEL_CONFIG when it was not measured */
export function measured(
  { matrices, unmeasured }: Pick<CalibrationStatistics, 'matrices' | 'unmeasured'>,
  name: string,
): InputStatistics {
  const statistics = matrices[name];
  if (statistics !== undefined) return statistics;
  throw new ForgeError('AF_MODEL_CONFIG', `Nothing is known of what goes into ${name}.`, {
    at: `tensor ${name}`,
    fix: `Choose other matrices: ${unmeasured[name] ?? 'it is no linear matrix of the model'}.`,
  });
}
