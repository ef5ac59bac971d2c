import {
  backend_util,
  slice_util,
  util,
  type ConcatAttrs,
  type ExpandDimsAttrs,
  type MirrorPadAttrs,
  type PackAttrs,
  type PadV2Attrs,
  type ReshapeAttrs,
  type ReverseAttrs,
  type SliceAttrs,
  type SplitVAttrs,
  type StridedSliceAttrs,
  type Tensor,
  type TileAttrs,
  type TransposeAttrs,
  type UnpackAttrs,
} from '@tensorflow/tfjs';
import { cast } from '../../graph/elementwise.js';
import type { Graph } from '../../graph/graph.js';
import { concat, expand, reshape, reverse, slice, transpose } from '../../graph/shape.js';
import { int, sizeOf, type Value } from '../../graph/value.js';
import { resolveAxes, type KernelTable, type KernelTracer } from './call.js';

const reshapeKernel: KernelTracer = (call) => {
  const x = call.value('x');
  const { shape } = call.attributes<ReshapeAttrs>();
  const size = sizeOf(x.shape);
  const inferred = util.inferFromImplicitShape(shape, size);
  util.assert(
    sizeOf(inferred) === size,
    () => `[${x.shape.join(', ')}] cannot become [${inferred.join(', ')}]`,
  );
  return reshape(call.graph, x, inferred);
};

const sliceKernel: KernelTracer = (call) => {
  const x = call.value('x');
  const { begin, size } = call.attributes<SliceAttrs>();
  const [starts, extents] = slice_util.parseSliceParams(tensorLike(x), begin, size);
  slice_util.assertParamsValid(tensorLike(x), starts!, extents!);
  const ends = starts!.map((start, i) => start + extents![i]!);
  return slice(
    call.graph,
    x,
    starts!,
    ends,
    starts!.map(() => 1),
    extents!,
  );
};

const stridedSlice: KernelTracer = (call) => {
  const x = call.value('x');
  const a = call.attributes<StridedSliceAttrs>();
  const plan = slice_util.sliceInfo(
    [...x.shape],
    a.begin,
    a.end,
    a.strides,
    a.beginMask,
    a.endMask,
    a.ellipsisMask,
    a.newAxisMask,
    a.shrinkAxisMask,
  );
  const shape = slice_util.computeOutShape(plan.begin, plan.end, plan.strides);
  if (sizeOf(shape) === 0) return call.graph.constant(new Float32Array(0), plan.finalShape, x.dtype);
  const ends = plan.end.map((end, i) => (plan.strides[i]! < 0 && end < 0 ? -x.shape[i]! - 1 : end));
  return reshape(call.graph, slice(call.graph, x, plan.begin, ends, plan.strides, shape), plan.finalShape);
};

const split: KernelTracer = (call) => {
  const { graph } = call;
  const x = call.value('x');
  const { numOrSizeSplits, axis } = call.attributes<SplitVAttrs>();
  const [along] = resolveAxes(axis, x.shape.length);
  // A copy: tfjs writes the inferred size into the list it is given.
  const wanted = typeof numOrSizeSplits === 'number' ? numOrSizeSplits : [...numOrSizeSplits];
  return splitAlong(graph, x, along!, backend_util.prepareSplitSize(tensorLike(x), wanted, along));
};

function splitAlong(graph: Graph, x: Value, axis: number, sizes: readonly number[]): readonly Value[] {
  if (sizes.length === 1) return [x];
  const types = sizes.map((size) => ({
    shape: x.shape.map((old, i) => (i === axis ? size : old)),
    dtype: x.dtype,
  }));
  return graph.node('Split', [x, graph.indices(sizes)], types, { axis: int(axis) });
}

const unpack: KernelTracer = (call) => {
  const x = call.value('value');
  const [axis] = resolveAxes(call.attributes<UnpackAttrs>().axis, x.shape.length);
  const shape = x.shape.filter((_, other) => other !== axis);
  const parts = splitAlong(
    call.graph,
    x,
    axis!,
    Array.from({ length: x.shape[axis!]! }, () => 1),
  );
  return parts.map((part) => reshape(call.graph, part, shape));
};

const pack: KernelTracer = (call) => {
  const parts = call.list();
  const [axis] = resolveAxes(call.attributes<PackAttrs>().axis, parts[0]!.shape.length + 1);
  const shape = [...parts[0]!.shape.slice(0, axis), 1, ...parts[0]!.shape.slice(axis)];
  return concat(
    call.graph,
    parts.map((part) => reshape(call.graph, part, shape)),
    axis!,
  );
};

/** Repeats along dimensions of one element are a broadcast, which costs nothing where it is only read. */
const tile: KernelTracer = (call) => {
  const { graph } = call;
  const x = call.value('x');
  const { reps } = call.attributes<TileAttrs>();
  const shape = x.shape.map((extent, i) => extent * reps[i]!);
  if (x.shape.every((extent, i) => extent === 1 || reps[i] === 1)) return expand(graph, x, shape);
  return graph.apply('Tile', [x, graph.indices(reps)], { shape, dtype: x.dtype });
};

const pad: KernelTracer = (call) => {
  const { graph } = call;
  const x = call.value('x');
  const { paddings, constantValue } = call.attributes<PadV2Attrs>();
  if (paddings.every(([before, after]) => before === 0 && after === 0)) return x;
  const shape = x.shape.map((extent, i) => extent + paddings[i]![0] + paddings[i]![1]);
  const amounts = [...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)];
  const value = cast(graph, graph.scalar(constantValue), x.dtype);
  return graph.apply('Pad', [x, graph.indices(amounts), value], { shape, dtype: x.dtype });
};

/** Mirrored borders, by picking elements along one axis after the other. */
const mirrorPad: KernelTracer = (call) => {
  const { paddings, mode } = call.attributes<MirrorPadAttrs>();
  const edge = mode === 'reflect' ? 0 : 1;
  return paddings.reduce((x, [before, after], axis) => {
    const extent = x.shape[axis]!;
    const positions = Array.from({ length: before + extent + after }, (_, i) => {
      const at = i - before;
      if (at < 0) return -at - edge;
      return at < extent ? at : 2 * extent - 2 - at + edge;
    });
    if (before + after === 0) return x;
    const shape = x.shape.map((old, i) => (i === axis ? positions.length : old));
    return call.graph.apply(
      'Gather',
      [x, call.graph.indices(positions)],
      { shape, dtype: x.dtype },
      { axis: int(axis) },
    );
  }, call.value('x'));
};

/** What tfjs's own shape rules want to see of a tensor. */
function tensorLike(x: Value): Tensor {
  return { shape: [...x.shape], rank: x.shape.length } as Tensor;
}

/** Rearranging, cutting and joining. */
export const shapingKernels: KernelTable = {
  Reshape: reshapeKernel,
  ExpandDims: (call) => {
    const x = call.value('input');
    const [dim] = resolveAxes(call.attributes<ExpandDimsAttrs>().dim, x.shape.length + 1);
    return reshape(call.graph, x, [...x.shape.slice(0, dim), 1, ...x.shape.slice(dim)]);
  },
  Transpose: (call) => transpose(call.graph, call.value('x'), call.attributes<TransposeAttrs>().perm),
  Slice: sliceKernel,
  StridedSlice: stridedSlice,
  SplitV: split,
  Unpack: unpack,
  Pack: pack,
  Concat: (call) => {
    const parts = call.list();
    const [axis] = resolveAxes(call.attributes<ConcatAttrs>().axis, parts[0]!.shape.length);
    backend_util.assertParamsConsistent(
      parts.map(({ shape }) => [...shape]),
      axis!,
    );
    return concat(call.graph, parts, axis!);
  },
  Tile: tile,
  PadV2: pad,
  MirrorPad: mirrorPad,
  Reverse: (call) => {
    const x = call.value('x');
    return reverse(call.graph, x, resolveAxes(call.attributes<ReverseAttrs>().dims, x.shape.length));
  },
};
