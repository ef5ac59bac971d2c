import * as tf from '@tensorflow/tfjs';

const WASM = 'wasm';

type Kernel = tf.KernelConfig['kernelFunc'];
type Call = Parameters<Kernel>[0];

/** Results of the wasm backend (4.22) that differ from what tfjs defines, each recognised by its call. */
const DEFECTS: Readonly<Record<string, (call: Call) => boolean>> = {
  // Copies the bits of the numbers instead of comparing them with zero.
  Cast: ({ attrs, inputs }) => attrs?.['dtype'] === 'bool' && inputs['x']?.dtype !== 'bool',
  // Moves four bytes per element where truth values have one.
  Select: ({ inputs }) => inputs['t']?.dtype === 'bool',
  // Returns int32 tensors unclipped.
  ClipByValue: ({ inputs }) => inputs['x']?.dtype === 'int32',
  // Mixes up the batches when the gathered axis is not the first after them.
  GatherV2: ({ attrs }) => Number(attrs?.['batchDims'] ?? 0) > 0,
  // Computes log(1 + x), which loses small x.
  Log1p: () => true,
  // Gives float32, where tfjs gives int32.
  FloorDiv: () => true,
};

/**
 * Complete the wasm backend: supply the one kernel that every embedding's gradient needs, and send the calls it gets
 * wrong to the JavaScript backend. Does nothing the second time.
 */
export function completeWasmKernels(): void {
  if (tf.getKernelsForBackend(WASM).some(({ kernelName }) => kernelName === 'UnsortedSegmentSum')) return;
  register('UnsortedSegmentSum', segmentSum);
  for (const [name, isDefective] of Object.entries(DEFECTS)) {
    const original = tf.getKernel(name, WASM).kernelFunc;
    tf.unregisterKernel(name, WASM);
    register(name, (call) => (isDefective(call) ? onCpu(name, call) : original(call)));
  }
}

function register(kernelName: string, kernelFunc: Kernel): void {
  tf.registerKernel({ kernelName, backendName: WASM, kernelFunc });
}

/** Sums rows by segment; rows whose segment is out of range count nothing. */
function segmentSum({ inputs, attrs, backend }: Call): tf.TensorInfo {
  const x = inputs['x']!;
  const segments = inputs['segmentIds']!;
  const numSegments = Number(attrs?.['numSegments']);
  const inner = x.shape.slice(segments.shape.length);
  const width = tf.util.sizeFromShape(inner);
  const rows = read(x);
  const sums = tf.util.makeZerosTypedArray(numSegments * width, x.dtype as 'float32' | 'int32');
  read(segments).forEach((segment, row) => {
    if (segment < 0 || segment >= numSegments) return;
    for (let i = 0; i < width; i++) sums[segment * width + i]! += rows[row * width + i]!;
  });
  const shape = [numSegments, ...inner];
  return { dataId: (backend as tf.KernelBackend).write(sums, shape, x.dtype), shape, dtype: x.dtype };
}

/** Compute with the JavaScript backend's kernel and bring the result back. */
function onCpu(kernelName: string, { inputs, attrs, backend }: Call): tf.TensorInfo {
  const cpu = tf.findBackend('cpu') as tf.KernelBackend;
  const moved = Object.fromEntries(
    Object.entries(inputs).flatMap(([name, info]) =>
      info ? [[name, { ...info, dataId: cpu.write(read(info), info.shape, info.dtype) }]] : [],
    ),
  );
  const kernel = tf.getKernel(kernelName, 'cpu').kernelFunc;
  const { dataId, shape, dtype } = kernel({ inputs: moved, attrs, backend: cpu }) as tf.TensorInfo;
  const result = (backend as tf.KernelBackend).write(cpu.readSync(dataId), shape, dtype);
  for (const info of [...Object.values(moved), { dataId }]) cpu.disposeData(info.dataId, true);
  return { dataId: result, shape, dtype };
}

function read(info: tf.TensorInfo): tf.TypedArray {
  return tf.engine().readSync(info.dataId) as tf.TypedArray;
}
