import * as tf from '@tensorflow/tfjs';
import type { Dtype } from '../../../core/contracts/index.js';
import { ForgeError } from '../../../core/errors/index.js';
import type { Graph } from '../graph/graph.js';
import { expand } from '../graph/shape.js';
import type { ConstantData, Value } from '../graph/value.js';

/** Name the tracer's kernels are registered under. */
export const TRACER = 'agentforge-onnx-tracer';

/** What tfjs holds instead of data: a reference-counted name of a graph value. */
class Handle {
  references = 1;
  constructor(readonly value: Value) {}
}

/**
 * A tfjs backend whose tensors are values of a graph. Kernels append nodes instead of computing; tensors of other
 * backends (and those made from JavaScript numbers) become constants.
 */
export class TracerBackend extends tf.KernelBackend {
  private handles = 0;

  constructor(readonly graph: Graph) {
    super();
  }

  /** The graph value behind a tensor. */
  graphValue(info: tf.TensorInfo): Value {
    if (info.dataId instanceof Handle) return info.dataId.value;
    const data = tf.engine().readSync(info.dataId);
    return this.constant(data, info.shape, info.dtype);
  }

  /** A tensor description for a graph value, to be handed to tfjs. */
  tensorInfo(value: Value): tf.TensorInfo {
    return { dataId: this.newHandle(value), shape: [...value.shape], dtype: tfjsDtype(value) };
  }

  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): tf.DataId {
    return this.newHandle(this.constant(values, shape, dtype));
  }

  override move(): never {
    throw new ForgeError('AF_INTERNAL', 'tfjs moved a tensor into the tracer.');
  }

  override read(): Promise<never> {
    return Promise.reject(valueReadError());
  }

  override readSync(): never {
    throw valueReadError();
  }

  override disposeData(dataId: tf.DataId): boolean {
    if (!(dataId instanceof Handle)) return true;
    dataId.references--;
    if (dataId.references === 0) this.handles--;
    return dataId.references === 0;
  }

  override incRef(dataId: tf.DataId): void {
    if (dataId instanceof Handle) dataId.references++;
  }

  override refCount(dataId: tf.DataId): number {
    return dataId instanceof Handle ? dataId.references : 0;
  }

  override numDataIds(): number {
    return this.handles;
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override dispose(): void {}

  private newHandle(value: Value): Handle {
    this.handles++;
    return new Handle(value);
  }

  private constant(values: tf.BackendValues, shape: readonly number[], dtype: tf.DataType): Value {
    const data = constantData(values, dtype);
    if (data.length > 1 && isUniform(data))
      return expand(this.graph, this.graph.constant(data.slice(0, 1), [], dtype as Dtype), shape);
    return this.graph.constant(data, shape, dtype as Dtype);
  }
}

/** The tracer stands in for numbers that do not exist yet. */
function valueReadError(): ForgeError {
  return new ForgeError(
    'AF_ENGINE_VALUE_READ',
    'A tensor was read while its function was being compiled; it has no value yet.',
    {
      fix: 'Return the tensor as an output and read it there, or compute with it in tfjs instead of in JavaScript.',
    },
  );
}

function tfjsDtype(value: Value): tf.DataType {
  const { dtype } = value;
  if (dtype === 'int64' || dtype === 'uint8')
    throw new ForgeError('AF_INTERNAL', `A value of type ${dtype} would reach tfjs.`);
  return dtype;
}

function constantData(values: tf.BackendValues, dtype: tf.DataType): Exclude<ConstantData, BigInt64Array> {
  if (dtype === 'float32')
    return values instanceof Float32Array ? values.slice() : Float32Array.from(values as ArrayLike<number>);
  if (dtype === 'int32')
    return values instanceof Int32Array ? values.slice() : Int32Array.from(values as ArrayLike<number>);
  if (dtype === 'bool') return Uint8Array.from(values as ArrayLike<number>, Number);
  throw new ForgeError('AF_ENGINE_DTYPE', `Tensors of type ${dtype} cannot be compiled.`, {
    fix: 'Use float32, int32 or bool.',
  });
}

function isUniform(data: ArrayLike<number>): boolean {
  // 0 and -0 are equal and not the same.
  for (let i = 1; i < data.length; i++) if (!Object.is(data[i], data[0])) return false;
  return true;
}
