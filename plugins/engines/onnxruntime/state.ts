import type { Tensor } from 'onnxruntime-node';
import type {
  EngineState,
  HostTensor,
  TensorDict,
  TensorSpec,
  TensorSpecs,
} from '../../../core/contracts/index.js';
import { checkValues, selectNames, specsOf } from '../shared/inputs.js';
import type { Memory } from './memory.js';
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
  private constructor(
    private readonly runtime: Runtime,
    private readonly memory: Memory,
    readonly specs: TensorSpecs,
    private readonly slots: Map<string, Slot>,
  ) {}

  /** @throws ForgeError AF_ENGINE_INPUT when the data do not fit their shapes or types */
  static create(runtime: Runtime, memory: Memory, values: TensorDict): Promise<OnnxState> {
    const specs = specsOf(values);
    checkValues(specs, values);
    return runtime.enqueue(async () => {
      const slots = new Map<string, Slot>();
      const state = new OnnxState(runtime, memory, specs, slots);
      try {
        for (const [name, value] of Object.entries(values))
          slots.set(name, { spec: specs[name]!, current: await memory.store(value), spare: null });
      } catch (error) {
        state.free(); // a device that has no room for all of them shall have it again
        throw error;
      }
      return state;
    });
  }

  read(names?: readonly string[]): Promise<TensorDict> {
    return this.runtime.enqueue(async () => {
      const values: Record<string, HostTensor> = {};
      for (const name of selectNames(this.specs, names)) {
        const { spec, current } = this.slot(name);
        values[name] = { ...spec, data: await this.memory.load(current, spec) };
      }
      return values;
    });
  }

  write(values: TensorDict): Promise<void> {
    return this.runtime.enqueue(async () => {
      checkValues(this.specs, values);
      for (const [name, value] of Object.entries(values))
        await this.memory.overwrite(this.slot(name).current, value);
    });
  }

  async dispose(): Promise<void> {
    await this.runtime.enqueue(() => this.free());
  }

  /** The tensor that programs read. */
  current(name: string): Tensor {
    return this.slot(name).current;
  }

  /** The tensor that programs read, as a tensor of `shape` with as many elements. */
  view(name: string, shape: readonly number[]): Tensor {
    const { current } = this.slot(name);
    return shape.join() === current.dims.join() ? current : this.memory.view(current, shape);
  }

  /** The tensor that a program may write, as a tensor of `shape` with as many elements. */
  async spare(name: string, shape: readonly number[]): Promise<Tensor> {
    const slot = this.slot(name);
    slot.spare ??= await this.memory.another(slot.current, slot.spec);
    return shape.join() === slot.spare.dims.join() ? slot.spare : this.memory.view(slot.spare, shape);
  }

  /** Make what was written to their spare tensors the current value of the named ones. */
  flip(names: readonly string[]): void {
    for (const name of names) {
      const slot = this.slot(name);
      if (slot.spare) [slot.current, slot.spare] = [slot.spare, slot.current];
    }
  }

  private free(): void {
    for (const { current, spare } of this.slots.values()) {
      this.memory.free(current);
      if (spare) this.memory.free(spare);
    }
    this.slots.clear();
  }

  private slot(name: string): Slot {
    const slot = this.slots.get(name);
    if (!slot) throw new TypeError(`State tensor ${name} was used after dispose().`);
    return slot;
  }
}
