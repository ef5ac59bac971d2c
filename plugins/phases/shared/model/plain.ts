import type { ModelRef } from '../../../../core/contracts/model.js';
import { ForgeError } from '../../../../core/errors/index.js';

/**
 * A phase that changes weights as plain floats takes models without a quantization: latents would be rounded in every
 * pass, and weights that formats were applied to would lose them.
 *
 * @param what the phase does, for the message: `merges`
 * @throws ForgeError AF_HANDOFF_INVALID
 */
export function requirePlain(
  { id, name, config }: Pick<ModelRef, 'id' | 'name' | 'config'>,
  what: string,
): void {
  const { quantization } = config;
  if (quantization === undefined) return;
  throw new ForgeError(
    'AF_HANDOFF_INVALID',
    `The model ${name} is quantised (${quantization.weights} weights); this phase ${what} plain float weights.`,
    {
      at: `model ${id}`,
      fix: 'Order the phase before the one that quantises, or give it the model that this one was made from.',
      facts: { weights: quantization.weights },
    },
  );
}
