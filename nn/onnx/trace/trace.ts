import * as tf from '@tensorflow/tfjs';
import type {
  FunctionContext,
  ProgramFunction,
  ProgramSpec,
  TensorMap,
  TensorSpec,
  TensorSpecs,
} from '../../../core/contracts/index.js';
import { onBackend } from '../../programs/backend-scope.js';
import type { Draw } from '../../programs/draws.js';
import { explainFunctionError, withDeepStacks, wrongReplacement } from '../../programs/function-error.js';
import type { Dialect } from '../graph/dialect.js';
import { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { TRACER, TracerBackend } from './backend.js';
import { KernelCall } from './kernels/call.js';
import { KERNELS } from './kernels/index.js';

/** A traced function: a graph, what it returns and what it must be fed. */
export interface Trace {
  readonly graph: Graph;
  readonly inputs: Readonly<Record<string, Value>>;
  readonly state: Readonly<Record<string, Value>>;
  readonly draws: readonly { readonly draw: Draw; readonly value: Value }[];
  readonly outputs: Readonly<Record<string, Value>>;
  /** Carried tensors that the function replaces. */
  readonly nextState: Readonly<Record<string, Value>>;
}

/**
 * Run a tfjs function on symbols and record what it does. Nothing else runs meanwhile (it is one synchronous piece),
 * and tfjs is left as it was found: the same backend, no tensor more.
 *
 * @param dialect what the graph is made for; default: onnxruntime's CPU kernels
 * @throws ForgeError AF_ENGINE_UNSUPPORTED_KERNEL, AF_ENGINE_VALUE_READ, AF_ENGINE_FUNCTION
 */
export function traceFunction(fn: ProgramFunction, spec: ProgramSpec, dialect?: Dialect): Trace {
  const backend = new TracerBackend(new Graph(dialect));
  registerKernels();
  tf.registerBackend(TRACER, () => backend, 0);
  try {
    let trace: Trace | undefined;
    withDeepStacks(() =>
      onBackend(TRACER, () =>
        tf.tidy(() => {
          trace = record(backend, fn, spec);
        }),
      ),
    );
    return trace!;
  } catch (error) {
    throw explainFunctionError(error, spec, 'onnxruntime');
  } finally {
    tf.removeBackend(TRACER);
  }
}

function record(backend: TracerBackend, fn: ProgramFunction, spec: ProgramSpec): Trace {
  const { graph } = backend;
  const draws: { draw: Draw; value: Value }[] = [];
  const draw = (one: Draw): tf.Tensor => {
    const value = graph.input(`random.${draws.length}`, { shape: one.shape, dtype: 'float32' });
    draws.push({ draw: one, value });
    return symbol(backend, value);
  };
  const inputs = declare(backend, 'input', spec.inputs);
  const state = declare(backend, 'state', spec.state ?? {});
  const result = fn(symbols(backend, inputs), symbols(backend, state), drawing(draw));
  return {
    graph,
    inputs,
    state,
    draws,
    outputs: values(backend, result.outputs),
    nextState: replaced(values(backend, result.state ?? {}), state, spec),
  };
}

function drawing(draw: (one: Draw) => tf.Tensor): FunctionContext {
  return {
    bernoulli: (shape, keep) => draw({ kind: 'bernoulli', shape: [...shape], keep }),
    uniform: (shape) => draw({ kind: 'uniform', shape: [...shape] }),
    normal: (shape) => draw({ kind: 'normal', shape: [...shape] }),
  };
}

function declare(backend: TracerBackend, prefix: string, specs: TensorSpecs): Record<string, Value> {
  return mapValues(specs, (spec: TensorSpec, name) => backend.graph.input(`${prefix}.${name}`, spec));
}

function symbols(backend: TracerBackend, entries: Readonly<Record<string, Value>>): TensorMap {
  return mapValues(entries, (value) => symbol(backend, value));
}

function symbol(backend: TracerBackend, value: Value): tf.Tensor {
  return tf.engine().makeTensorFromTensorInfo(backend.tensorInfo(value));
}

function values(backend: TracerBackend, tensors: TensorMap): Record<string, Value> {
  return mapValues(tensors, (tensor) => backend.graphValue(tensor));
}

/** Carried tensors that change; those returned as they were need no new copy. */
function replaced(
  next: Record<string, Value>,
  state: Readonly<Record<string, Value>>,
  spec: ProgramSpec,
): Record<string, Value> {
  for (const [name, value] of Object.entries(next)) {
    const before = state[name];
    if (before && before.dtype === value.dtype && before.shape.join() === value.shape.join()) continue;
    throw wrongReplacement(spec, name, `${value.dtype}[${value.shape.join(', ')}]`);
  }
  return Object.fromEntries(Object.entries(next).filter(([name, value]) => state[name] !== value));
}

function mapValues<A, B>(
  entries: Readonly<Record<string, A>>,
  map: (value: A, name: string) => B,
): Record<string, B> {
  return Object.fromEntries(Object.entries(entries).map(([name, value]) => [name, map(value, name)]));
}

/** Make the tracer's kernels known to tfjs, once per copy of tfjs. */
function registerKernels(): void {
  const known = new Set(tf.getKernelsForBackend(TRACER).map((kernel) => kernel.kernelName));
  for (const [kernelName, tracer] of Object.entries(KERNELS)) {
    if (known.has(kernelName)) continue;
    tf.registerKernel({
      kernelName,
      backendName: TRACER,
      kernelFunc: ({ inputs, attrs, backend }) => {
        const tracing = backend as TracerBackend;
        const operands = Object.entries(inputs).filter(
          (entry): entry is [string, tf.TensorInfo] => entry[1] != null,
        );
        const named = Object.fromEntries(operands.map(([name, info]) => [name, tracing.graphValue(info)]));
        const result = tracer(new KernelCall(tracing.graph, named, attrs));
        if (Array.isArray(result)) return result.map((value: Value) => tracing.tensorInfo(value));
        return tracing.tensorInfo(result as Value);
      },
    });
  }
}
