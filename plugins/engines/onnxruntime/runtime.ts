import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Dtype, HostArray } from '../../../core/contracts/index.js';
import { ForgeError } from '../../../core/errors/index.js';
import { messageOf } from '../../../core/errors/message-of.js';
import type { Library } from './library.js';

/** The onnxruntime library with one set of session options, and a queue: one piece of work at a time. */
export class Runtime {
  private tail: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly library: Library,
    private readonly options: InferenceSession.SessionOptions,
  ) {}

  tensor(dtype: Dtype, data: HostArray, shape: readonly number[]): Tensor {
    return new this.library.Tensor(dtype, data as never, [...shape]);
  }

  /** Run work after all earlier work, whether that succeeded or not. */
  enqueue<T>(work: () => T | Promise<T>): Promise<T> {
    const result = this.tail.then(work);
    this.tail = result.catch(() => undefined);
    return result;
  }

  /**
   * @param serial run it by one thread
   * @throws ForgeError AF_ENGINE_FUNCTION when onnxruntime does not accept the graph.
   */
  async session(name: string, model: Uint8Array, serial = false): Promise<InferenceSession> {
    try {
      const options = serial ? { ...this.options, intraOpNumThreads: 1 } : this.options;
      return await this.library.InferenceSession.create(model, options);
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
