import type {
  AllAttrs,
  ArgMaxAttrs,
  CumsumAttrs,
  LogSoftmaxAttrs,
  MaxAttrs,
  SoftmaxAttrs,
  SumAttrs,
  TopKAttrs,
} from '@tensorflow/tfjs';
import { cast, multiply } from '../../graph/elementwise.js';
import type { Graph } from '../../graph/graph.js';
import { argument, reduce, type Reduction } from '../../graph/reduce.js';
import { concat, expand, slice } from '../../graph/shape.js';
import { int, type Value } from '../../graph/value.js';
import { resolveAxes, type KernelCall, type KernelTable, type KernelTracer } from './call.js';

const reduction =
  (op: Reduction): KernelTracer =>
  (call) => {
    const x = call.value('x');
    const { axis, keepDims } = call.attributes<Partial<SumAttrs>>();
    return reduce(call.graph, op, x, resolveAxes(axis, x.shape.length), keepDims ?? false);
  };

/** Reductions of truth values go through int32, which ONNX reduces. */
const logical =
  (op: 'ReduceMin' | 'ReduceMax'): KernelTracer =>
  (call) => {
    const x = call.value('x');
    const { axis, keepDims } = call.attributes<Partial<AllAttrs>>();
    const numbers = cast(call.graph, x, 'int32');
    const reduced = reduce(call.graph, op, numbers, resolveAxes(axis, x.shape.length), keepDims ?? false);
    return cast(call.graph, reduced, 'bool');
  };

const mean: KernelTracer = (call) => {
  const x = cast(call.graph, call.value('x'), 'float32');
  const { axis, keepDims } = call.attributes<Partial<SumAttrs>>();
  return reduce(call.graph, 'ReduceMean', x, resolveAxes(axis, x.shape.length), keepDims ?? false);
};

const argumentOf =
  (op: 'ArgMax' | 'ArgMin'): KernelTracer =>
  (call) => {
    const x = call.value('x');
    const numbers = x.dtype === 'bool' ? cast(call.graph, x, 'int32') : x;
    const [axis] = resolveAxes(call.attributes<ArgMaxAttrs>().axis, x.shape.length);
    return argument(call.graph, op, numbers, axis!);
  };

const normalised =
  (op: 'Softmax' | 'LogSoftmax', axisOf: (call: KernelCall) => number): KernelTracer =>
  (call) => {
    const x = call.value('logits');
    const [axis] = resolveAxes(axisOf(call), x.shape.length);
    return call.graph.apply(op, [x], { shape: x.shape, dtype: 'float32' }, { axis: int(axis!) });
  };

const cumulativeSum: KernelTracer = (call) => {
  const x = call.value('x');
  const { axis, exclusive, reverse } = call.attributes<CumsumAttrs>();
  const at = call.graph.constant(BigInt64Array.of(BigInt(axis)), [], 'int64');
  return call.graph.apply('CumSum', [x, at], x, {
    exclusive: int(Number(exclusive)),
    reverse: int(Number(reverse)),
  });
};

/** Running products by doubling (Hillis and Steele 1986): log2(n) rounds of multiplying by a shifted copy. */
const cumulativeProduct: KernelTracer = (call) => {
  const { graph } = call;
  const { axis, exclusive, reverse } = call.attributes<CumsumAttrs>();
  const x = call.value('x');
  const [along] = resolveAxes(axis, x.shape.length);
  let product = exclusive ? shifted(graph, x, along!, 1, reverse) : x;
  for (let distance = 1; distance < x.shape[along!]!; distance *= 2)
    product = multiply(graph, product, shifted(graph, product, along!, distance, reverse));
  return product;
};

/** Move elements by `distance` along an axis, away from the start (or from the end), and fill with ones. */
function shifted(graph: Graph, x: Value, axis: number, distance: number, fromEnd: boolean): Value {
  const extent = x.shape[axis]!;
  const withExtent = (length: number): number[] => x.shape.map((old, i) => (i === axis ? length : old));
  const moved = Math.min(distance, extent);
  const starts = x.shape.map((_, i) => (i === axis && fromEnd ? moved : 0));
  const ends = x.shape.map((old, i) => (i === axis && !fromEnd ? extent - moved : old));
  const steps = x.shape.map(() => 1);
  const rest = slice(graph, x, starts, ends, steps, withExtent(extent - moved));
  const ones = expand(graph, cast(graph, graph.scalar(1), x.dtype), withExtent(moved));
  return concat(graph, fromEnd ? [rest, ones] : [ones, rest], axis);
}

const largest: KernelTracer = (call) => {
  const { graph } = call;
  const x = call.value('x');
  const { k, sorted } = call.attributes<TopKAttrs>();
  const shape = [...x.shape.slice(0, -1), k];
  const [values, indices] = graph.node(
    'TopK',
    [x, graph.indices([k])],
    [
      { shape, dtype: x.dtype },
      { shape, dtype: 'int64' },
    ],
    { axis: int(-1), sorted: int(Number(sorted)) },
  );
  return [values!, cast(graph, indices!, 'int32')];
};

/** Reductions and what works along an axis. */
export const reductionKernels: KernelTable = {
  Sum: reduction('ReduceSum'),
  Mean: mean,
  Max: (call) => {
    const x = call.value('x');
    const { reductionIndices, keepDims } = call.attributes<Partial<MaxAttrs>>();
    return reduce(
      call.graph,
      'ReduceMax',
      x,
      resolveAxes(reductionIndices, x.shape.length),
      keepDims ?? false,
    );
  },
  Min: reduction('ReduceMin'),
  Prod: reduction('ReduceProd'),
  All: logical('ReduceMin'),
  Any: logical('ReduceMax'),
  ArgMax: argumentOf('ArgMax'),
  ArgMin: argumentOf('ArgMin'),
  Softmax: normalised('Softmax', (call) => call.attributes<SoftmaxAttrs>().dim),
  LogSoftmax: normalised('LogSoftmax', (call) => call.attributes<LogSoftmaxAttrs>().axis),
  Cumsum: cumulativeSum,
  Cumprod: cumulativeProduct,
  TopK: largest,
};
