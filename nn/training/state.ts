import type { TensorDict, TensorMap, TensorSpecs } from '../../core/contracts/tensor.js';

/**
 * Everything a training run carries lives in one flat set of named tensors: `param/<tensor>`, `ema/<tensor>` (averages
 * of what is trained), `opt/<optimizer state>`, `grad/<tensor>` (accumulated gradients), `peak/<index>` (largest
 * attention scores), `ref/<tensor>` (frozen weights of a teacher or anchor) and `amp/<name>` (the scale of the loss).
 */
export type StateGroup = 'param' | 'ema' | 'opt' | 'grad' | 'peak' | 'ref' | 'amp';

/**
 * A program that writes text carries the weights as `param/<tensor>` and what it knows of the text as `carried/<tensor>`, of
 * fewer texts as `carried-<rows>/<tensor>`; one that writes several continuations keeps what it knows of their beginnings as
 * `prefix/<tensor>`.
 */
export type CarriedGroup = StateGroup | 'carried' | `carried-${number}` | 'prefix';

/** The trained or the averaged weights. */
export type WeightGroup = 'param' | 'ema';

/** Prefix every name of `tensors` with a group. */
export function inGroup<T>(group: CarriedGroup, tensors: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(tensors).map(([name, value]) => [`${group}/${name}`, value]));
}

/** The members of one group, without their prefix. */
export function fromGroup<T>(group: CarriedGroup, tensors: Readonly<Record<string, T>>): Record<string, T> {
  const prefix = `${group}/`;
  return Object.fromEntries(
    Object.entries(tensors)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );
}

/** Zero tensors of the given specs. */
export function zeros(specs: TensorSpecs): TensorDict {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => {
      const size = spec.shape.reduce((product, side) => product * side, 1);
      const data =
        spec.dtype === 'float32'
          ? new Float32Array(size)
          : spec.dtype === 'int32'
            ? new Int32Array(size)
            : new Uint8Array(size);
      return [name, { ...spec, data }];
    }),
  );
}

/** Specs of host tensors. */
export function specsOf(tensors: TensorDict): TensorSpecs {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, dtype }]) => [name, { shape, dtype }]),
  );
}

/** Tensors of `names`, in that order. @throws Error when one is missing (a defect, not a user's mistake). */
export function pick(tensors: TensorMap, names: readonly string[]): TensorMap {
  return Object.fromEntries(
    names.map((name) => {
      const tensor = tensors[name];
      if (tensor === undefined) throw new Error(`tensor ${name} is missing from the training state`);
      return [name, tensor];
    }),
  );
}
