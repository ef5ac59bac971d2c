import type {
  GatherV2Attrs,
  OneHotAttrs,
  ScatterNdAttrs,
  SparseToDenseAttrs,
  UnsortedSegmentSumAttrs,
} from '@tensorflow/tfjs';
import { add, cast, either, equal, less, multiply, not, select } from '../../graph/elementwise.js';
import type { Graph } from '../../graph/graph.js';
import { packedRows } from '../../graph/packed.js';
import { reduce } from '../../graph/reduce.js';
import { expand, reshape, transpose } from '../../graph/shape.js';
import { int, sizeOf, text, type Value } from '../../graph/value.js';
import { PACKED_ROWS, type PackedAttributes } from '../../../quantization/packed-kernels.js';
import { resolveAxes, type KernelCall, type KernelTable, type KernelTracer } from './call.js';
import { supportedDtype } from './unary.js';

function gather(graph: Graph, x: Value, indices: Value, axis: number): Value {
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  return graph.apply('Gather', [x, indices], { shape, dtype: x.dtype }, { axis: int(axis) });
}

const gatherKernel: KernelTracer = (call) => {
  const x = call.value('x');
  const indices = call.value('indices');
  const attributes = call.attributes<GatherV2Attrs | Pick<GatherV2Attrs, 'axis'>>();
  const [axis] = resolveAxes(attributes.axis, x.shape.length);
  const batchDims = 'batchDims' in attributes ? attributes.batchDims : 0;
  const picked =
    batchDims === 0
      ? gather(call.graph, x, cast(call.graph, indices, 'int32'), axis!)
      : gatherBatched(call.graph, x, indices, axis!, batchDims);
  call.graph.limitPositions(indices, [x.shape[axis!]!], picked);
  return picked;
};

/** Gather within each of the leading `batchDims` dimensions: the batch is folded into the gathered axis. */
function gatherBatched(graph: Graph, x: Value, indices: Value, axis: number, batchDims: number): Value {
  const toFront = [
    ...range(batchDims),
    axis,
    ...range(x.shape.length).filter((i) => i >= batchDims && i !== axis),
  ];
  const front = transpose(graph, x, toFront);
  const batch = sizeOf(x.shape.slice(0, batchDims));
  const extent = x.shape[axis]!;
  const rest = front.shape.slice(batchDims + 1);
  const perBatch = sizeOf(indices.shape.slice(batchDims));
  const offsets = graph.constant(
    Int32Array.from({ length: batch }, (_, i) => i * extent),
    [batch, 1],
    'int32',
  );
  const flat = add(graph, reshape(graph, cast(graph, indices, 'int32'), [batch, perBatch]), offsets);
  const picked = gather(
    graph,
    reshape(graph, front, [batch * extent, ...rest]),
    reshape(graph, flat, [batch * perBatch]),
    0,
  );
  const whole = reshape(graph, picked, [...indices.shape, ...rest]);
  const before = axis - batchDims;
  const inner = indices.shape.length;
  const back = [
    ...range(batchDims),
    ...range(before).map((i) => inner + i),
    ...range(inner - batchDims).map((i) => batchDims + i),
    ...range(rest.length - before).map((i) => inner + before + i),
  ];
  return transpose(graph, whole, back);
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}

const gatherNd: KernelTracer = (call) => {
  const params = call.value('params');
  const indices = call.value('indices');
  const shape = [...indices.shape.slice(0, -1), ...params.shape.slice(indices.shape.at(-1)!)];
  const picked = call.graph.apply('GatherND', [params, cast(call.graph, indices, 'int64')], {
    shape,
    dtype: params.dtype,
  });
  call.graph.limitPositions(indices, params.shape.slice(0, indices.shape.at(-1)), picked);
  return picked;
};

/**
 * Write (or add) slices into a copy of `data`; of equal indices the last one wins (or all are added, in order).
 * ScatterElements, because ScatterND runs its updates in parallel: equal indices then lose additions.
 */
function scatter(
  graph: Graph,
  data: Value,
  indices: Value,
  updates: Value,
  reduction: 'none' | 'add',
): Value {
  const depth = indices.shape.at(-1)!;
  const inner = sizeOf(data.shape.slice(depth));
  const count = sizeOf(indices.shape) / depth;
  const rows = reshape(graph, data, [sizeOf(data.shape.slice(0, depth)), inner]);
  const at = reshape(graph, flatIndices(graph, indices, data.shape), [count, 1]);
  const slices = [...indices.shape.slice(0, -1), ...data.shape.slice(depth)];
  const scattered = graph.apply(
    'ScatterElements',
    [rows, expand(graph, at, [count, inner]), reshape(graph, expand(graph, updates, slices), [count, inner])],
    rows,
    { axis: int(0), reduction: text(reduction) },
  );
  graph.limitPositions(indices, data.shape.slice(0, depth), scattered);
  return reshape(graph, scattered, data.shape);
}

/** Positions in the flattened leading dimensions, int32. */
function flatIndices(graph: Graph, indices: Value, shape: readonly number[]): Value {
  const depth = indices.shape.at(-1)!;
  const whole = cast(graph, indices, 'int32');
  if (depth === 1) return whole;
  const strides = Int32Array.from({ length: depth }, (_, k) => sizeOf(shape.slice(k + 1, depth)));
  const weighted = multiply(graph, whole, graph.constant(strides, [depth], 'int32'));
  return reduce(graph, 'ReduceSum', weighted, [indices.shape.length - 1], false);
}

function zeros(graph: Graph, shape: readonly number[], like: Value): Value {
  return expand(graph, cast(graph, graph.scalar(0), like.dtype), shape);
}

/** Rows whose segment is out of range are dropped, as tfjs does: they add zero to segment 0. */
const segmentSum: KernelTracer = (call) => {
  const { graph } = call;
  const x = call.value('x');
  const segments = cast(graph, call.value('segmentIds'), 'int32');
  const { numSegments } = call.attributes<UnsortedSegmentSumAttrs>();
  const inner = x.shape.slice(segments.shape.length);
  const below = less(graph, segments, graph.scalar(0, 'int32'));
  const outside = either(graph, below, not(graph, less(graph, segments, graph.scalar(numSegments, 'int32'))));
  const kept = select(graph, outside, graph.scalar(0, 'int32'), segments);
  const dropped = reshape(graph, outside, [...segments.shape, ...inner.map(() => 1)]);
  const rows = select(graph, dropped, cast(graph, graph.scalar(0), x.dtype), x);
  const target = zeros(graph, [numSegments, ...inner], x);
  return scatter(graph, target, reshape(graph, kept, [...segments.shape, 1]), rows, 'add');
};

/** Out-of-range indices give a row of `offValue`. */
const oneHot: KernelTracer = (call) => {
  const { graph } = call;
  const indices = cast(graph, call.value('indices'), 'int32');
  const { depth, onValue, offValue, dtype } = call.attributes<
    Partial<OneHotAttrs> & Pick<OneHotAttrs, 'depth' | 'onValue' | 'offValue'>
  >();
  const positions = graph.constant(
    Int32Array.from({ length: depth }, (_, i) => i),
    [depth],
    'int32',
  );
  const hit = equal(graph, reshape(graph, indices, [...indices.shape, 1]), positions);
  const type = supportedDtype(dtype ?? 'float32');
  if (onValue === 1 && offValue === 0) return cast(graph, hit, type);
  const constant = (value: number): Value => cast(graph, graph.scalar(value), type);
  return select(graph, hit, constant(onValue), constant(offValue));
};

const scatterNd: KernelTracer = (call) => {
  const updates = call.value('updates');
  const target = zeros(call.graph, call.attributes<ScatterNdAttrs>().shape, updates);
  return scatter(call.graph, target, atLeastMatrix(call, call.value('indices')), updates, 'add');
};

/** tfjs takes a vector of indices for a vector target. */
function atLeastMatrix(call: KernelCall, indices: Value): Value {
  return indices.shape.length >= 2 ? indices : reshape(call.graph, indices, [...indices.shape, 1]);
}

const sparseToDense: KernelTracer = (call) => {
  const { graph } = call;
  const values = call.value('sparseValues');
  const { outputShape } = call.attributes<SparseToDenseAttrs>();
  const target = expand(graph, reshape(graph, call.value('defaultValue'), []), outputShape);
  const indices = atLeastMatrix(call, call.value('sparseIndices'));
  return scatter(graph, target, indices, values, 'none');
};

/** Reading and writing by index. */
export const indexingKernels: KernelTable = {
  GatherV2: gatherKernel,
  GatherNd: gatherNd,
  ScatterNd: scatterNd,
  TensorScatterUpdate: (call) =>
    scatter(
      call.graph,
      call.value('tensor'),
      atLeastMatrix(call, call.value('indices')),
      call.value('updates'),
      'none',
    ),
  SparseToDense: sparseToDense,
  UnsortedSegmentSum: segmentSum,
  OneHot: oneHot,
  [PACKED_ROWS]: (call) => {
    const { packed } = call.attributes<PackedAttributes>();
    const ids = call.value('ids');
    const rows = packedRows(call.graph, cast(call.graph, ids, 'int32'), packed);
    call.graph.limitPositions(ids, [packed.out], rows);
    return rows;
  },
};
