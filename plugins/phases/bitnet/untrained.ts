import type { CompressionHints } from '../../../core/contracts/compressor.js';
import type { HostTensor, TensorDict } from '../../../core/contracts/tensor.js';
import type { TensorFormat } from '../../../core/contracts/quantization.js';
import {
  compressorsOf,
  hintsOf,
  PUBLISHED,
  ternaryLeastSquares,
  ternaryValues,
  type TernaryOptions,
} from '../../../nn/quantization/index.js';
import type { LiveModel } from '../shared/model/open.js';
import { shapeOf } from '../shared/model/shape.js';
import type { Calibrated } from './calibrate.js';
import type { BitnetRun } from './prepare.js';

/**
 * The best that can be had without training: every format applied once, and ternary codes with the scales that fit the outputs
 * of their matrices best by what calibration saw (least squares under the diagonal Hessian).
 */
export function untrainedModel(
  { ctx }: Pick<BitnetRun, 'ctx'>,
  { model, statistics }: Calibrated,
): LiveModel {
  const quantization = { ...model.quantization, weights: 'applied' as const };
  const compressors = compressorsOf(ctx, quantization);
  const weights: TensorDict = { ...model.weights };
  for (const tensor of model.tensors) {
    const format = quantization.formats[tensor.name];
    if (format === undefined) continue;
    const inputPower = statistics.matrices[tensor.name]?.power;
    const hints = { ...hintsOf(tensor), ...(inputPower === undefined ? {} : { inputPower }) };
    const codec = compressors[tensor.name]!;
    weights[tensor.name] =
      format.use === 'ternary'
        ? fitted(weights[tensor.name]!, format, hints)
        : codec.decompress(codec.compress(weights[tensor.name]!, hints));
  }
  const { architecture, hyperparameters } = model.config;
  const shape = shapeOf(ctx, { architecture, hyperparameters, quantization }, 'the untrained model');
  return { ...shape, weights, ...(model.halt === undefined ? {} : { halt: model.halt }) };
}

function fitted(tensor: HostTensor, { options }: TensorFormat, hints: CompressionHints): HostTensor {
  const rules: TernaryOptions = { ...PUBLISHED, ...(options as Partial<TernaryOptions>) };
  return ternaryValues(ternaryLeastSquares(tensor, rules, hints), hints);
}
