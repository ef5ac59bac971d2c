import { cast } from './elementwise.js';
import type { Graph } from './graph.js';
import { reshape } from './shape.js';
import { int, type Value } from './value.js';

export type Reduction = 'ReduceSum' | 'ReduceMean' | 'ReduceMax' | 'ReduceMin' | 'ReduceProd';

/** Reduce over axes; `keepDims` leaves them with one element. */
export function reduce(
  graph: Graph,
  op: Reduction,
  x: Value,
  axes: readonly number[],
  keepDims: boolean,
): Value {
  const shape = keepDims
    ? x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent))
    : x.shape.filter((_, axis) => !axes.includes(axis));
  if (axes.every((axis) => x.shape[axis] === 1)) return reshape(graph, x, shape);
  const attributes = { keepdims: int(Number(keepDims)) };
  return graph.apply(op, [x, graph.indices(axes)], { shape, dtype: x.dtype }, attributes);
}

/** Position of the first largest (or smallest) element along an axis, int32. */
export function argument(graph: Graph, op: 'ArgMax' | 'ArgMin', x: Value, axis: number): Value {
  const shape = x.shape.filter((_, other) => other !== axis);
  const found = graph.apply(op, [x], { shape, dtype: 'int64' }, { axis: int(axis), keepdims: int(0) });
  return cast(graph, found, 'int32');
}
