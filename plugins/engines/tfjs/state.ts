import * as tf from '@tensorflow/tfjs';
import type {
  EngineState,
  HostTensor,
  TensorDict,
  TensorMap,
  TensorSpecs,
} from '../../../core/contracts/index.js';
import { onBackend } from '../../../nn/programs/backend-scope.js';
import { checkValues, copyOf, selectNames, specsOf } from '../shared/inputs.js';

/** Carried tensors as tfjs tensors that outlive every scope. */
export class EagerState implements EngineState {
  readonly specs: TensorSpecs;
  private readonly tensors = new Map<string, tf.Tensor>();

  constructor(
    private readonly backend: string,
    values: TensorDict,
    private readonly onDispose: () => void,
  ) {
    this.specs = specsOf(values);
    checkValues(this.specs, values);
    this.put(values);
  }

  async read(names?: readonly string[]): Promise<TensorDict> {
    return onBackend(this.backend, () =>
      Object.fromEntries(
        selectNames(this.specs, names).map((name) => {
          const { dtype, shape } = this.specs[name]!;
          return [
            name,
            { dtype, shape: [...shape], data: copyOf(dtype, this.tensors.get(name)!.dataSync()) },
          ];
        }),
      ),
    );
  }

  async write(values: TensorDict): Promise<void> {
    checkValues(this.specs, values);
    this.put(values);
  }

  async dispose(): Promise<void> {
    tf.dispose([...this.tensors.values()]);
    this.tensors.clear();
    this.onDispose();
  }

  /** The tensors of the given names, for a function to read. */
  pick(names: readonly string[]): TensorMap {
    return Object.fromEntries(names.map((name) => [name, this.tensors.get(name)!]));
  }

  /** Take copies of tensors as the new values. */
  replace(next: TensorMap): void {
    const copies = Object.entries(next).map(([name, tensor]) => [name, tf.keep(tensor.clone())] as const);
    for (const [name, copy] of copies) {
      this.tensors.get(name)?.dispose();
      this.tensors.set(name, copy);
    }
  }

  private put(values: TensorDict): void {
    onBackend(this.backend, () => {
      for (const [name, value] of Object.entries(values)) {
        this.tensors.get(name)?.dispose();
        this.tensors.set(name, tf.keep(hostTensor(value)));
      }
    });
  }
}

/** A tfjs tensor with a copy of host data. */
export function hostTensor({ dtype, shape, data }: HostTensor): tf.Tensor {
  return tf.tensor(copyOf(dtype, data), [...shape], dtype);
}
