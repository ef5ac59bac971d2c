import type { HostTensor, TensorDict } from '../../../../core/contracts/tensor.js';
import { stream } from '../../../../nn/random/index.js';
import type { MergePlan } from '../../../../tools/merge/index.js';
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from '../../../../core/contracts/half.js';

/** What a plan should give: every tensor is read whole, given to the technique at once and rounded as it is stored. */
export async function mergedWhole({ recipe, seed, shards }: MergePlan): Promise<TensorDict> {
  const merged: TensorDict = {};
  for (const tensor of shards.flatMap(({ tensors }) => tensors)) {
    const { name, shape, role, layer, weights, parameters, modelParameters } = tensor;
    const read = (input: (typeof tensor.models)[number]): Promise<HostTensor> =>
      input.checkpoint.tensors.read(input.name);
    const models = await Promise.all(tensor.models.map(read));
    if (tensor.kind === 'copy') {
      merged[name] = models[0]!;
      continue;
    }
    const base = tensor.base === null ? undefined : ((await read(tensor.base)).data as Float32Array);
    const data = recipe.method.merge({
      ...{ name, shape, role, layer, weights, parameters, modelParameters, base },
      models: models.map((model) => model.data as Float32Array),
      random: stream(seed, 'merge', name),
    });
    merged[name] = { shape, dtype: 'float32', data: rounded(data, tensor.dtype) };
  }
  return merged;
}

function rounded(values: Float32Array, dtype: string): Float32Array {
  // A copy: a technique may use its memory again.
  if (dtype === 'F32') return values.slice();
  const bits = new Uint32Array(values.slice().buffer);
  const halves = new Uint16Array(values.length);
  const back = new Uint32Array(values.length);
  if (dtype === 'BF16') {
    toBfloat16(bits, halves);
    fromBfloat16(halves, back);
  } else {
    toFloat16(bits, halves);
    fromFloat16(halves, new Float32Array(back.buffer), back);
  }
  return new Float32Array(back.buffer);
}
