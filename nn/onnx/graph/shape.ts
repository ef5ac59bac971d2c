import type { Graph } from './graph.js';
import { int, ints, madeBy, producer, sameShape, sizeOf, type Value } from './value.js';

/** The same elements in another shape. Chains of reshapes collapse; a broadcast scalar stays one. */
export function reshape(graph: Graph, x: Value, shape: readonly number[]): Value {
  if (sameShape(x.shape, shape)) return x;
  if (x.source.kind === 'constant') return graph.constant(x.source.data, shape, x.dtype);
  const before = madeBy(x, 'Reshape');
  if (before) return reshape(graph, before.inputs[0]!, shape);
  const base = unexpanded(x);
  if (base !== x && sizeOf(base.shape) === 1) return expand(graph, reshape(graph, base, []), shape);
  return graph.apply('Reshape', [x, graph.indices(shape)], { shape, dtype: x.dtype });
}

/** Broadcast to a larger shape. Elementwise operators look through it, so it often vanishes. */
export function expand(graph: Graph, x: Value, shape: readonly number[]): Value {
  if (sameShape(x.shape, shape)) return x;
  const base = unexpanded(x);
  return graph.apply('Expand', [base, graph.indices(shape)], { shape, dtype: x.dtype });
}

/** What a broadcast value was before it was broadcast. */
export function unexpanded(x: Value): Value {
  return madeBy(x, 'Expand')?.inputs[0] ?? x;
}

/** Permute dimensions: `result.shape[i] = x.shape[permutation[i]]`. */
export function transpose(graph: Graph, x: Value, permutation: readonly number[]): Value {
  const shape = permutation.map((axis) => x.shape[axis]!);
  const before = madeBy(x, 'Transpose');
  if (before)
    return transpose(
      graph,
      before.inputs[0]!,
      permutation.map((axis) => permutationOf(x)![axis]!),
    );
  if (keepsOrder(x.shape, permutation)) return reshape(graph, x, shape);
  return graph.apply('Transpose', [x], { shape, dtype: x.dtype }, { perm: ints(permutation) });
}

/** The permutation of a value made by Transpose, else null. */
export function permutationOf(x: Value): readonly number[] | null {
  const attribute = producer(x)?.op === 'Transpose' ? producer(x)!.attributes['perm'] : undefined;
  return attribute?.kind === 'ints' ? attribute.value : null;
}

/** Whether a permutation moves only dimensions of one element, so that the data stays where it is. */
function keepsOrder(shape: readonly number[], permutation: readonly number[]): boolean {
  const moved = permutation.filter((axis) => shape[axis] !== 1);
  return moved.every((axis, i) => i === 0 || moved[i - 1]! < axis);
}

/** Part of a tensor: `starts` and `ends` and `steps` per axis, in ONNX's convention. */
export function slice(
  graph: Graph,
  x: Value,
  starts: readonly number[],
  ends: readonly number[],
  steps: readonly number[],
  shape: readonly number[],
): Value {
  const touched = shape
    .map((_, axis) => axis)
    .filter((axis) => shape[axis] !== x.shape[axis] || steps[axis] !== 1);
  if (touched.length === 0) return x;
  if (x.dtype === 'int32' && graph.dialect.lacks.has('Slice of int32'))
    return touched.reduce(
      (rest, axis) => pickAlong(graph, rest, axis, starts[axis]!, steps[axis]!, shape[axis]!),
      x,
    );
  const pick = (values: readonly number[]): Value => graph.indices(touched.map((axis) => values[axis]!));
  return graph.apply('Slice', [x, pick(starts), pick(ends), graph.indices(touched), pick(steps)], {
    shape,
    dtype: x.dtype,
  });
}

/** `count` entries of one axis, `step` apart, by their positions. */
function pickAlong(graph: Graph, x: Value, axis: number, start: number, step: number, count: number): Value {
  const first = start < 0 ? start + x.shape[axis]! : start;
  const positions = graph.indices(Array.from({ length: count }, (_, i) => first + i * step));
  const shape = x.shape.map((extent, i) => (i === axis ? count : extent));
  return graph.apply('Gather', [x, positions], { shape, dtype: x.dtype }, { axis: int(axis) });
}

/** Reverse along axes. */
export function reverse(graph: Graph, x: Value, axes: readonly number[]): Value {
  if (axes.length === 0) return x;
  if (x.dtype === 'int32' && graph.dialect.lacks.has('Slice of int32'))
    return axes.reduce((rest, axis) => pickAlong(graph, rest, axis, -1, -1, x.shape[axis]!), x);
  return graph.apply(
    'Slice',
    [
      x,
      graph.indices(axes.map(() => -1)),
      graph.indices(axes.map((axis) => -x.shape[axis]! - 1)),
      graph.indices(axes),
      graph.indices(axes.map(() => -1)),
    ],
    { shape: x.shape, dtype: x.dtype },
  );
}

/** Join along an axis. */
export function concat(graph: Graph, parts: readonly Value[], axis: number): Value {
  const filled = parts.filter((part) => part.shape[axis] !== 0);
  const first = filled[0] ?? parts[0]!;
  if (filled.length <= 1) return first;
  const shape = [...first.shape];
  shape[axis] = filled.reduce((sum, part) => sum + part.shape[axis]!, 0);
  return graph.apply('Concat', filled, { shape, dtype: first.dtype }, { axis: { kind: 'int', value: axis } });
}
