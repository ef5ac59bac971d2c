import { Type } from '@sinclair/typebox';
import { defineMutation, type Recipe } from '../../core/contracts/evolution.js';
import { withDefault } from '../../core/contracts/options.js';
import type { HostTensor, TensorDict } from '../../core/contracts/tensor.js';
import { fillNormal, streamKey, wordAt, type StreamKey } from '../../nn/random/index.js';

const Options = Type.Object(
  {
    rate: withDefault(
      Type.Number({ minimum: 0, maximum: 1, description: 'Share of the weights that change.' }),
      0.01,
    ),
    sigma: withDefault(Type.Number({ minimum: 0, description: 'Standard deviation of the change.' }), 0.01),
  },
  { additionalProperties: false },
);

/** Gaussian noise on a few weights; both rate and sigma grow with the strength. */
export const weightNoise = defineMutation({
  name: 'weight-noise',
  description: 'Gaussian noise on a random share of the weights',
  options: Options,
  create: ({ rate, sigma }) => ({
    propose: ({ id, strength, seed }): Recipe => ({
      operation: 'weight-noise',
      sources: [id],
      parameters: { rate: Math.min(1, rate * strength), sigma: sigma * strength },
      seed,
    }),
    apply({ parameters, seed }, [model]): TensorDict {
      const settings = parameters as { rate: number; sigma: number };
      return Object.fromEntries(
        Object.entries(model!).map(([name, tensor]) => [name, noisy(tensor, settings, name, seed)]),
      );
    },
  }),
});

function noisy(
  tensor: HostTensor,
  { rate, sigma }: { readonly rate: number; readonly sigma: number },
  name: string,
  seed: number,
): HostTensor {
  const data = Float32Array.from(tensor.data);
  const changed = chosen(data.length, rate, streamKey(seed, 'mask', name));
  const noise = new Float32Array(changed.length);
  fillNormal(streamKey(seed, 'noise', name), noise);
  changed.forEach((index, i) => (data[index]! += sigma * noise[i]!));
  return { ...tensor, data };
}

/** Indices that fall to a Bernoulli draw of probability `rate` each. */
function chosen(length: number, rate: number, key: StreamKey): number[] {
  const threshold = rate * 4294967296;
  const indices: number[] = [];
  for (let i = 0; i < length; i++) if (wordAt(key, i) < threshold) indices.push(i);
  return indices;
}
