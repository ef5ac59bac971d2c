import type { TensorDescription } from '../../../core/contracts/architecture.js';
import { featureWidth, mixingTensors } from '../../../nn/thoughts/index.js';
import type { ModelShape } from '../shared/model/shape.js';
import type { QuietstarOptions } from './options.js';

/** Tensors of the mixing head that step 2 learns; none where what is said after a thought is not mixed. */
export function mixingOf(
  { architecture, config }: Pick<ModelShape, 'architecture' | 'config'>,
  { quiet }: Pick<QuietstarOptions, 'quiet'>,
): TensorDescription[] {
  if (quiet.mixing === 'none') return [];
  return mixingTensors(featureWidth(architecture, config.hyperparameters), { bounded: true });
}
