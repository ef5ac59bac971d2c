import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { CopiedBytes, Dtype, HostArray } from '../../../core/contracts/index.js';
import { ForgeError } from '../../../core/errors/index.js';
import { messageOf } from '../../../core/errors/message-of.js';
import type { Library } from './library.js';

/** The onnxruntime library with one set of session options, and a queue: one piece of work at a time. */
export class Runtime {
  private tail: Promise<unknown> = Promise.resolve();
  private toDevice = 0;
  private toHost = 0;

  constructor(
    private readonly library: Library,
    private readonly options: InferenceSession.SessionOptions,
  ) {}

  tensor(dtype: Dtype, data: HostArray, shape: readonly number[]): Tensor {
    return new this.library.Tensor(dtype, data as never, [...shape]);
  }

  /** A tensor of a buffer on the device. */
  deviceTensor(dtype: Dtype, buffer: Tensor['gpuBuffer'], shape: readonly number[]): Tensor {
    return this.library.Tensor.fromGpuBuffer(buffer, { dataType: dtype, dims: [...shape] });
  }

  /** Run work after all earlier work, whether that succeeded or not. */
  enqueue<T>(work: () => T | Promise<T>): Promise<T> {
    const result = this.tail.then(work);
    this.tail = result.catch(() => undefined);
    return result;
  }

  /** Bytes of host tensors that a device was given or gave so far. */
  get copied(): CopiedBytes {
    return { toDevice: this.toDevice, toHost: this.toHost };
  }

  /** Count what of the tensors a run reads and writes lies on the host. */
  countCopies(read: readonly Tensor[], written: readonly Tensor[]): void {
    this.toDevice += hostBytes(read);
    this.toHost += hostBytes(written);
  }

  /**
   * @param special options of this session alone
   * @throws ForgeError AF_ENGINE_FUNCTION when onnxruntime does not accept the graph.
   */
  async session(
    name: string,
    model: Uint8Array,
    special: InferenceSession.SessionOptions = {},
  ): Promise<InferenceSession> {
    try {
      return await this.library.InferenceSession.create(model, { ...this.options, ...special });
    } catch (error) {
      throw new ForgeError(
        'AF_ENGINE_FUNCTION',
        `onnxruntime rejected program ${name}: ${messageOf(error)}`,
        {
          at: name,
          fix: 'Report this with the function; choose the tfjs engine meanwhile.',
          cause: error,
        },
      );
    }
  }
}

function hostBytes(tensors: readonly Tensor[]): number {
  return tensors.reduce(
    (sum, tensor) => (tensor.location === 'cpu' ? sum + (tensor.data as HostArray).byteLength : sum),
    0,
  );
}
