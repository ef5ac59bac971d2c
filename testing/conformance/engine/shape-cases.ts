import { binary, floats, integers, operator, truths, unary, type OperatorCase } from './operator-case.js';

const x = floats([2, 3, 4]);
const matrix = floats([4, 6]);
const whole = integers([2, 3], [4, -1, 3, 4, 0, -7]);
const flags = truths([2, 3], [1, 0, 1, 1, 0, 1]);

const shaping: readonly OperatorCase[] = [
  unary('reshape', x, (tf, v) => tf.reshape(v, [4, -1])),
  unary('reshape twice', x, (tf, v) => tf.reshape(tf.reshape(v, [24]), [2, 3, 4])),
  unary('expandDims', x, (tf, v) => tf.expandDims(v, -1)),
  unary('squeeze', floats([1, 3, 1]), (tf, v) => tf.squeeze(v)),
  unary('transpose', x, (tf, v) => tf.transpose(v, [2, 0, 1])),
  unary('transpose there and back', x, (tf, v) => tf.transpose(tf.transpose(v, [1, 0, 2]), [1, 0, 2])),
  unary('transpose of thin dimensions', floats([1, 3, 4]), (tf, v) => tf.transpose(v, [1, 0, 2])),
  unary('transpose int32', whole, (tf, v) => tf.transpose(v)),
  unary('slice', x, (tf, v) => tf.slice(v, [0, 1, 1], [2, 2, 2])),
  unary('slice to the end', x, (tf, v) => tf.slice(v, [1, 0, 2], [1, -1, -1])),
  unary('slice bool', flags, (tf, v) => tf.slice(v, [0, 1], [2, 2])),
  unary('stridedSlice', x, (tf, v) => tf.stridedSlice(v, [0, 0, 3], [2, 3, 0], [1, 2, -1]), {
    gradient: false,
  }),
  unary(
    'stridedSlice backwards to the start',
    x,
    (tf, v) => tf.stridedSlice(v, [1, 2, 3], [-3, -4, -5], [-1, -2, -1]),
    {
      gradient: false,
    },
  ),
  unary('stridedSlice with masks', x, (tf, v) => tf.stridedSlice(v, [1, 1, 0], [2, 2, 0], [1, 1, 2], 2, 4), {
    gradient: false,
  }),
  unary(
    'stridedSlice that drops and adds axes',
    x,
    (tf, v) => tf.stridedSlice(v, [1, 0, 0, 1], [2, 1, 3, 3], [1, 1, 1, 1], 0, 0, 0, 2, 1),
    {
      gradient: false,
    },
  ),
  unary('split evenly', matrix, (tf, v) => tf.split(v, 3, 1)),
  unary('split in sizes', matrix, (tf, v) => tf.split(v, [1, 2, -1], 1)),
  unary('split, one part used', matrix, (tf, v) => tf.split(v, 2, 0)[1]!),
  unary('unstack', x, (tf, v) => tf.unstack(v, 1)),
  binary('stack', matrix, floats([4, 6], 2), (tf, a, b) => tf.stack([a, b], 1)),
  binary('concat', matrix, floats([4, 2]), (tf, a, b) => tf.concat([a, b], 1)),
  operator('concat of the same', { a: matrix }, (tf, i) => tf.concat([i['a']!, i['a']!], 0)),
  binary('concat int32', whole, integers([1, 3], [9, 8, 7]), (tf, a, b) => tf.concat([a, b], 0)),
  unary('pad', matrix, (tf, v) =>
    tf.pad(
      v,
      [
        [1, 0],
        [2, 3],
      ],
      0.5,
    ),
  ),
  unary('pad int32', whole, (tf, v) =>
    tf.pad(
      v,
      [
        [0, 1],
        [1, 0],
      ],
      -1,
    ),
  ),
  unary('mirrorPad reflect', matrix, (tf, v) =>
    tf.mirrorPad(
      v,
      [
        [1, 2],
        [0, 3],
      ],
      'reflect',
    ),
  ),
  unary('mirrorPad symmetric', matrix, (tf, v) =>
    tf.mirrorPad(
      v,
      [
        [1, 2],
        [0, 3],
      ],
      'symmetric',
    ),
  ),
  unary('tile', matrix, (tf, v) => tf.tile(v, [2, 3])),
  unary('tile bool', flags, (tf, v) => tf.tile(v, [2, 1])),
  unary('broadcastTo', floats([3, 1]), (tf, v) => tf.broadcastTo(v, [2, 3, 4])),
  unary('a broadcast that is squared', floats([3, 1]), (tf, v) => tf.square(tf.broadcastTo(v, [3, 4]))),
  unary('a broadcast that is reshaped', floats([3, 1]), (tf, v) =>
    tf.reshape(tf.broadcastTo(v, [3, 4]), [2, 6]),
  ),
  unary('a broadcast that is multiplied', floats([1, 4]), (tf, v) =>
    tf.matMul(tf.broadcastTo(v, [3, 4]), tf.ones([4, 2])),
  ),
  unary('reverse', x, (tf, v) => tf.reverse(v, [0, 2])),
  unary('reverse int32', whole, (tf, v) => tf.reverse(v, 1)),
  unary('roll by concat', matrix, (tf, v) =>
    tf.concat([tf.slice(v, [0, 1], [4, 5]), tf.slice(v, [0, 0], [4, 1])], 1),
  ),
];

const indexing: readonly OperatorCase[] = [
  operator('gather', { x: matrix, i: integers([3], [2, 0, 2]) }, (tf, i) =>
    tf.gather(i['x']!, i['i']!.toInt()),
  ),
  operator('gather along an axis', { x, i: integers([2, 2], [3, 0, 1, 3]) }, (tf, i) =>
    tf.gather(i['x']!, i['i']!.toInt(), 2),
  ),
  operator('gather with batches', { x, i: integers([2, 2], [2, 0, 1, 1]) }, (tf, i) =>
    tf.gather(i['x']!, i['i']!.toInt(), 1, 1),
  ),
  operator(
    'gather with batches along a later axis',
    { x: floats([2, 3, 4, 2]), i: integers([2, 5], [3, 0, 1, 3, 2]) },
    (tf, i) => tf.gather(i['x']!, i['i']!.toInt(), 2, 1),
    { gradient: false },
  ),
  operator('gather int32', { x: whole, i: integers([2], [1, 0]) }, (tf, i) =>
    tf.gather(i['x']!, i['i']!.toInt()),
  ),
  operator('gatherND', { x, i: integers([2, 2], [1, 2, 0, 1]) }, (tf, i) => tf.gatherND(i['x']!, i['i']!), {
    gradient: false,
  }),
  operator(
    'scatterND adds equal indices',
    { i: integers([4, 1], [4, 3, 1, 4]), u: floats([4]) },
    (tf, i) => tf.scatterND(i['i']!.toInt(), i['u']!, [8]),
    { gradient: false },
  ),
  operator(
    'scatterND of rows',
    { i: integers([2, 1], [0, 2]), u: floats([2, 3]) },
    (tf, i) => tf.scatterND(i['i']!.toInt(), i['u']!, [4, 3]),
    { gradient: false },
  ),
  operator(
    'scatterND by coordinates',
    { i: integers([3, 2], [0, 2, 1, 1, 0, 2]), u: floats([3, 4]) },
    (tf, i) => tf.scatterND(tf.cast(i['i']!, 'int32'), i['u']!, [2, 3, 4]),
    { gradient: false },
  ),
  operator(
    'unsortedSegmentSum with many in one segment',
    { x: floats([512, 64]), s: integers([512], [0, 1, 0, 2, 0]) },
    (tf, i) => tf.unsortedSegmentSum(i['x']!, tf.cast(i['s']!, 'int32').as1D(), 3),
    { gradient: false },
  ),
  operator(
    'tensorScatterUpdate',
    { x: matrix, i: integers([2, 1], [3, 1]), u: floats([2, 6], 2) },
    (tf, i) => tf.tensorScatterUpdate(i['x']!, i['i']!, i['u']!),
    { gradient: false },
  ),
  operator('unsortedSegmentSum', { x: floats([5, 3]), s: integers([5], [2, 0, 2, 1, 0]) }, (tf, i) =>
    tf.unsortedSegmentSum(i['x']!, tf.cast(i['s']!, 'int32').as1D(), 4),
  ),
  operator(
    'unsortedSegmentSum drops what is out of range',
    { x: floats([5, 3]), s: integers([5], [2, -1, 9, 1, 0]) },
    (tf, i) => tf.unsortedSegmentSum(i['x']!, tf.cast(i['s']!, 'int32').as1D(), 3),
    { gradient: false },
  ),
  operator(
    'embedding and its gradient',
    { x: floats([7, 4]), i: integers([2, 3], [1, 5, 1, 0, 6, 1]) },
    (tf, i) => tf.gather(i['x']!, i['i']!.flatten().toInt()),
  ),
  operator('oneHot', { i: integers([2, 3], [0, 2, 1, 3, -1, 4]) }, (tf, i) => tf.oneHot(i['i']!, 4)),
  operator('oneHot with values', { i: integers([3], [0, 2, 1]) }, (tf, i) =>
    tf.oneHot(i['i']!, 3, 0.9, 0.05),
  ),
];

const creation: readonly OperatorCase[] = [
  unary('zerosLike and onesLike', x, (tf, v) => tf.add(tf.zerosLike(v), tf.mul(v, tf.onesLike(v)))),
  unary('constants', matrix, (tf, v) => [
    tf.fill([2, 2], 3.5),
    tf.range(0, 5),
    tf.range(4, 0, -0.5),
    tf.linspace(0, 1, 6),
    tf.ones([3], 'int32'),
    tf.eye(3),
    tf.add(v, tf.tensor1d([1, 2, 3, 4, 5, 6])),
  ]),
  unary('a causal mask', floats([4, 4]), (tf, v) => {
    const position = tf.range(0, 4, 1, 'int32');
    return tf.where(tf.lessEqual(position.expandDims(0), position.expandDims(1)), v, -1e9);
  }),
  unary('an output that is an input', x, (_, v) => [v, v]),
  unary('an output twice', x, (tf, v) => {
    const doubled = tf.mul(v, 2);
    return [doubled, doubled];
  }),
];

/** Operators that move elements. */
export const shapeCases: readonly OperatorCase[] = [...shaping, ...indexing, ...creation];
