import type { TensorDict } from '../../../core/contracts/tensor.js';
import { gainNames, layerMap, quantizationOf, type LayerChoice } from './layer-map.js';
import type { BitnetRun } from './prepare.js';
import { latentModel, type LatentModel } from './recover.js';

/** The model as recovery starts from it. */
export interface Calibrated {
  readonly model: LatentModel;
  readonly choices: readonly LayerChoice[];
  readonly seconds: number;
}

/** Choose formats, and let norms before matrices change as little as they can. */
export async function calibrate(run: BitnetRun): Promise<Calibrated> {
  const began = performance.now();
  const { teacher, options } = run;
  const choices = layerMap(teacher.tensors, options.formats);
  const quantization = quantizationOf(choices, options.formats);
  const gains: TensorDict = Object.fromEntries(
    gainNames(quantization).map((name, i) => {
      const matrix = teacher.tensors.find((tensor) => tensor.name === quantization.norms[i])!;
      const width = matrix.shape[matrix.layout === 'out-in' ? 1 : 0]!;
      return [name, { shape: [width], dtype: 'float32' as const, data: new Float32Array(width).fill(1) }];
    }),
  );
  const model = latentModel(run, quantization, { ...teacher.weights, ...gains });
  return { model, choices, seconds: (performance.now() - began) / 1000 };
}
