import type { Tensor } from 'onnxruntime-node';
import type {
  EngineState,
  HostArray,
  TensorDict,
  TensorSpec,
  TensorSpecs,
} from '../../../core/contracts/index.js';
import { allocate, checkValues, copyOf, elementCount, selectNames, specsOf } from '../shared/inputs.js';
import type { Runtime } from './runtime.js';

/** One carried tensor: the buffer that programs read and a spare one that a program may write. */
interface Slot {
  readonly spec: TensorSpec;
  current: Tensor;
  /** Made when the tensor is first replaced: what is only read needs no second buffer. */
  spare: Tensor | null;
}

/**
 * Carried tensors with two buffers each. A program reads the current buffer and writes the spare one; only when the
 * whole run has succeeded do the two change places, so a failed run leaves the state as it was.
 */
export class OnnxState implements EngineState {
  readonly specs: TensorSpecs;
  private readonly slots: Map<string, Slot>;

  constructor(
    private readonly runtime: Runtime,
    values: TensorDict,
  ) {
    this.specs = specsOf(values);
    checkValues(this.specs, values);
    this.slots = new Map(
      Object.entries(values).map(([name, { shape, dtype, data }]) => [
        name,
        { spec: { shape, dtype }, current: runtime.tensor(dtype, copyOf(dtype, data), shape), spare: null },
      ]),
    );
  }

  read(names?: readonly string[]): Promise<TensorDict> {
    return this.runtime.enqueue(() =>
      Object.fromEntries(
        selectNames(this.specs, names).map((name) => {
          const { spec, current } = this.slot(name);
          return [name, { ...spec, data: copyOf(spec.dtype, current.data as HostArray) }];
        }),
      ),
    );
  }

  write(values: TensorDict): Promise<void> {
    return this.runtime.enqueue(() => {
      checkValues(this.specs, values);
      for (const [name, { data }] of Object.entries(values))
        (this.slot(name).current.data as HostArray).set(data);
    });
  }

  async dispose(): Promise<void> {
    await this.runtime.enqueue(() => this.slots.clear());
  }

  /** The tensor that programs read. */
  current(name: string): Tensor {
    return this.slot(name).current;
  }

  /** The tensor that a program may write, as a tensor of `shape` with as many elements. */
  spare(name: string, shape: readonly number[]): Tensor {
    const { dtype } = this.slot(name).spec;
    const spare = this.spareOf(name);
    return shape.join() === spare.dims.join()
      ? spare
      : this.runtime.tensor(dtype, spare.data as HostArray, shape);
  }

  /** Make what was written the current value of the named tensors. */
  flip(names: readonly string[]): void {
    for (const name of names) {
      const slot = this.slot(name);
      [slot.current, slot.spare] = [this.spareOf(name), slot.current];
    }
  }

  private spareOf(name: string): Tensor {
    const slot = this.slot(name);
    const { dtype, shape } = slot.spec;
    slot.spare ??= this.runtime.tensor(dtype, allocate(dtype, elementCount(shape)), shape);
    return slot.spare;
  }

  private slot(name: string): Slot {
    const slot = this.slots.get(name);
    if (!slot) throw new TypeError(`State tensor ${name} was used after dispose().`);
    return slot;
  }
}
