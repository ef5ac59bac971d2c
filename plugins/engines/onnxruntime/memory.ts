import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Dtype, HostArray, HostTensor, TensorSpec } from '../../../core/contracts/index.js';
import { Graph } from '../../../nn/onnx/graph/graph.js';
import { writeModel } from '../../../nn/onnx/write/model.js';
import { allocate, copyOf, elementCount } from '../shared/inputs.js';
import type { Runtime } from './runtime.js';

/** Where carried tensors lie. One call at a time: whoever calls holds the runtime's queue. */
export interface Memory {
  /** A new tensor with a copy of the values. */
  store(value: HostTensor): Promise<Tensor>;
  /** A new tensor of the shape and type of another, with whatever is in it. */
  another(tensor: Tensor, spec: TensorSpec): Promise<Tensor>;
  /** A copy of the values. */
  load(tensor: Tensor, spec: TensorSpec): Promise<HostArray>;
  overwrite(tensor: Tensor, value: HostTensor): Promise<void>;
  /** The same elements as a tensor of another shape; it must not be used after the first is freed. */
  view(tensor: Tensor, shape: readonly number[]): Tensor;
  free(tensor: Tensor): void;
  /** Free everything. */
  dispose(): Promise<void>;
}

/** Typed arrays of the process. */
export class HostMemory implements Memory {
  constructor(private readonly runtime: Runtime) {}

  async store({ dtype, shape, data }: HostTensor): Promise<Tensor> {
    return this.runtime.tensor(dtype, copyOf(dtype, data), shape);
  }

  async another(_: Tensor, { dtype, shape }: TensorSpec): Promise<Tensor> {
    return this.runtime.tensor(dtype, allocate(dtype, elementCount(shape)), shape);
  }

  async load(tensor: Tensor, { dtype }: TensorSpec): Promise<HostArray> {
    return copyOf(dtype, tensor.data as HostArray);
  }

  async overwrite(tensor: Tensor, { data }: HostTensor): Promise<void> {
    (tensor.data as HostArray).set(data);
  }

  view(tensor: Tensor, shape: readonly number[]): Tensor {
    return this.runtime.tensor(tensor.type as Dtype, tensor.data as HostArray, shape);
  }

  free(): void {}

  async dispose(): Promise<void> {}
}

const COPY = { from: 'from', to: 'to' } as const;

/**
 * Buffers of a GPU. onnxruntime has no call that copies to or from one, so graphs of one Identity node do: of a session
 * that leaves its output on the device and of one that does not. (`getData()` of a tensor on the device ends the
 * process.)
 *
 * A buffer belongs to the session that made it and must not outlive it. All of them are made here, and programs write
 * into them: sessions of programs come and go.
 */
export class DeviceMemory implements Memory {
  private readonly sessions = new Map<string, Promise<InferenceSession>>();
  private readonly live = new Set<Tensor>();

  constructor(private readonly runtime: Runtime) {}

  async store({ dtype, shape, data }: HostTensor): Promise<Tensor> {
    const source = this.runtime.tensor(dtype, copyOf(dtype, data), shape);
    const made = await this.duplicate(source, dtype);
    this.runtime.countCopies([source], []);
    return made;
  }

  another(tensor: Tensor, { dtype }: TensorSpec): Promise<Tensor> {
    return this.duplicate(tensor, dtype);
  }

  async load(tensor: Tensor, { dtype, shape }: TensorSpec): Promise<HostArray> {
    const data = allocate(dtype, elementCount(shape));
    const target = this.runtime.tensor(dtype, data, shape);
    await (await this.session(dtype, 'cpu')).run({ [COPY.from]: tensor }, { [COPY.to]: target });
    this.runtime.countCopies([], [target]);
    return data;
  }

  async overwrite(tensor: Tensor, { dtype, shape, data }: HostTensor): Promise<void> {
    const source = this.runtime.tensor(dtype, data, shape);
    // The session with its output on the host: the other one would ignore where the result is to go.
    await (await this.session(dtype, 'cpu')).run({ [COPY.from]: source }, { [COPY.to]: tensor });
    this.runtime.countCopies([source], []);
  }

  view(tensor: Tensor, shape: readonly number[]): Tensor {
    return this.runtime.deviceTensor(tensor.type as Dtype, tensor.gpuBuffer, shape);
  }

  free(tensor: Tensor): void {
    if (this.live.delete(tensor)) tensor.dispose();
  }

  async dispose(): Promise<void> {
    for (const tensor of this.live) tensor.dispose();
    this.live.clear();
    const open = [...this.sessions.values()];
    this.sessions.clear();
    for (const session of open) await (await session).release();
  }

  private async duplicate(source: Tensor, dtype: Dtype): Promise<Tensor> {
    const session = await this.session(dtype, 'gpu-buffer');
    const made = (await session.run({ [COPY.from]: source }))[COPY.to]!;
    this.live.add(made);
    return made;
  }

  private session(dtype: Dtype, location: 'cpu' | 'gpu-buffer'): Promise<InferenceSession> {
    const key = `${dtype} to ${location}`;
    const known = this.sessions.get(key);
    if (known) return known;
    const from = new Graph().input(COPY.from, { shape: [], dtype });
    const model = writeModel(
      { inputs: [from], outputs: [{ name: COPY.to, value: from }], ofAnyShape: true },
      key,
    );
    const preferred = location === 'cpu' ? {} : { preferredOutputLocation: { [COPY.to]: location } };
    const session = this.runtime.session(`copy of ${key}`, model, preferred);
    this.sessions.set(key, session);
    return session;
  }
}
