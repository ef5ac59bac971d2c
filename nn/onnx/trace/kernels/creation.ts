import type { FillAttrs, LinSpaceAttrs, RangeAttrs } from '@tensorflow/tfjs';
import { cast } from '../../graph/elementwise.js';
import { expand } from '../../graph/shape.js';
import type { Value } from '../../graph/value.js';
import type { KernelTable, KernelTracer } from './call.js';
import { supportedDtype } from './unary.js';

const like =
  (value: number): KernelTracer =>
  (call) => {
    const x = call.value('x');
    return expand(call.graph, cast(call.graph, call.graph.scalar(value), x.dtype), x.shape);
  };

const fill: KernelTracer = (call) => {
  const { shape, value, dtype } = call.attributes<FillAttrs>();
  return expand(call.graph, cast(call.graph, call.graph.scalar(Number(value)), supportedDtype(dtype)), shape);
};

/** tfjs adds the step up in the element type; so do we, to the same bits. */
const range: KernelTracer = (call): Value => {
  const { start, stop, step, dtype } = call.attributes<
    Partial<Pick<RangeAttrs, 'dtype'>> & Omit<RangeAttrs, 'dtype'>
  >();
  const empty = start === stop || (start < stop && step < 0) || (stop < start && step > 1);
  const length = empty ? 0 : Math.abs(Math.ceil((stop - start) / step));
  const signed = stop < start && step === 1 ? -1 : step;
  const values = dtype === 'int32' ? new Int32Array(length) : new Float32Array(length);
  for (let i = 0; i < length; i++) values[i] = i === 0 ? start : values[i - 1]! + signed;
  return call.graph.constant(values, [length], dtype ?? 'float32');
};

const linSpace: KernelTracer = (call) => {
  const { start, stop, num } = call.attributes<LinSpaceAttrs>();
  const step = (stop - start) / (num - 1);
  const values = new Float32Array(num);
  for (let i = 0; i < num; i++) values[i] = i === 0 ? start : values[i - 1]! + step;
  return call.graph.constant(values, [num], 'float32');
};

/** Tensors that depend on no other tensor's values. */
export const creationKernels: KernelTable = {
  Fill: fill,
  ZerosLike: like(0),
  OnesLike: like(1),
  Range: range,
  LinSpace: linSpace,
};
