import {
  binary,
  floats,
  integers,
  numbers,
  operator,
  truths,
  unary,
  type OperatorCase,
} from './operator-case.js';

const x = floats([3, 5]);
const positive = floats([3, 5], 0.9, 1.2);
const inUnit = floats([3, 5], 0.9);
const wide = floats([3, 5], 6);
const other = floats([3, 5], 0.8, 1.5);
const row = floats([5], 0.7, 1.1);
const column = floats([3, 1], 2);
const whole = integers([2, 6], [7, -7, 0, 5, -2, 3, 12, -12, 1, -1, 9, 4]);
const divisor = integers([2, 6], [3, 3, 5, -2, -4, 7]);
const flags = truths([3, 5], [1, 0, 0, 1, 1, 0, 1]);
const otherFlags = truths([3, 5], [0, 0, 1, 1]);
const halves = numbers(-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.49, -3.51, 0);
const special = numbers(NaN, Infinity, -Infinity, 0, -1, 2);

const functions: readonly OperatorCase[] = [
  unary('abs', x, (tf, v) => tf.abs(v)),
  unary('neg', x, (tf, v) => tf.neg(v)),
  unary('sign', numbers(-2, 0, 3), (tf, v) => tf.sign(v)),
  unary('square', x, (tf, v) => tf.square(v)),
  unary('sqrt', positive, (tf, v) => tf.sqrt(v)),
  unary('rsqrt', positive, (tf, v) => tf.rsqrt(v)),
  unary('reciprocal', positive, (tf, v) => tf.reciprocal(v)),
  unary('exp', wide, (tf, v) => tf.exp(v)),
  unary('expm1', floats([3, 5], 4), (tf, v) => tf.expm1(v)),
  unary('expm1 of small numbers', floats([3, 5], 1e-4), (tf, v) => tf.expm1(v).mul(1e4)),
  unary('log', positive, (tf, v) => tf.log(v)),
  unary('log1p', positive, (tf, v) => tf.log1p(v)),
  unary('log1p of small numbers', floats([3, 5], 1e-4), (tf, v) => tf.log1p(v).mul(1e4)),
  unary('log1p at its limits', numbers(0, -1, Infinity), (tf, v) => tf.log1p(v), { gradient: false }),
  unary('sin', wide, (tf, v) => tf.sin(v)),
  unary('cos', wide, (tf, v) => tf.cos(v)),
  unary('tan', x, (tf, v) => tf.tan(v)),
  unary('asin', inUnit, (tf, v) => tf.asin(v)),
  unary('acos', inUnit, (tf, v) => tf.acos(v)),
  unary('atan', wide, (tf, v) => tf.atan(v)),
  unary('sinh', x, (tf, v) => tf.sinh(v)),
  unary('cosh', x, (tf, v) => tf.cosh(v)),
  unary('tanh', wide, (tf, v) => tf.tanh(v)),
  unary('asinh', wide, (tf, v) => tf.asinh(v)),
  unary('acosh', floats([3, 5], 1, 2.5), (tf, v) => tf.acosh(v)),
  unary('atanh', inUnit, (tf, v) => tf.atanh(v)),
  unary('erf', floats([3, 5], 3), (tf, v) => tf.erf(v)),
  unary('sigmoid', wide, (tf, v) => tf.sigmoid(v)),
  unary('softplus', floats([3, 5], 20), (tf, v) => tf.softplus(v)),
  unary('relu', x, (tf, v) => tf.relu(v)),
  unary('relu6', floats([3, 5], 9), (tf, v) => tf.relu6(v)),
  unary('leakyRelu', x, (tf, v) => tf.leakyRelu(v, 0.1)),
  unary('elu', wide, (tf, v) => tf.elu(v)),
  unary('selu', wide, (tf, v) => tf.selu(v)),
  unary('step', numbers(-1, 0, 2), (tf, v) => tf.step(v, 0.5), { gradient: false }),
  unary('silu', wide, (tf, v) => tf.mul(v, tf.sigmoid(v))),
  unary('gelu with erf', wide, (tf, v) => tf.mul(v, tf.mul(0.5, tf.add(1, tf.erf(tf.div(v, Math.SQRT2)))))),
  unary('floor', wide, (tf, v) => tf.floor(v)),
  unary('ceil', wide, (tf, v) => tf.ceil(v)),
  unary('round to even', halves, (tf, v) => tf.round(v)),
  unary('clipByValue', wide, (tf, v) => tf.clipByValue(v, -2, 3)),
  unary('clipByValue int32', whole, (tf, v) => tf.clipByValue(v, -2, 3), { gradient: false }),
  unary('isNaN', special, (tf, v) => tf.isNaN(v), { gradient: false }),
  unary('isInf', special, (tf, v) => tf.isInf(v), { gradient: false }),
  unary('isFinite', special, (tf, v) => tf.isFinite(v), { gradient: false }),
  binary('prelu', x, floats([5], 0.3), (tf, a, b) => tf.prelu(a, b)),
];

const arithmetic: readonly OperatorCase[] = [
  binary('add', x, other, (tf, a, b) => tf.add(a, b)),
  binary('add a row', x, row, (tf, a, b) => tf.add(a, b)),
  binary('add column and row', column, row, (tf, a, b) => tf.add(a, b)),
  operator('addN', { a: x, b: other, c: wide }, (tf, i) => tf.addN([i['a']!, i['b']!, i['c']!])),
  binary('sub a column', x, column, (tf, a, b) => tf.sub(a, b)),
  binary('mul by a row', x, row, (tf, a, b) => tf.mul(a, b)),
  unary('mul by a number', x, (tf, v) => tf.mul(v, 0.25)),
  unary('neutral elements', x, (tf, v) => tf.div(tf.sub(tf.mul(tf.add(v, 0), 1), 0), 1)),
  binary('div by a row', x, row, (tf, a, b) => tf.div(a, b)),
  binary('pow', positive, other, (tf, a, b) => tf.pow(a, b)),
  unary('pow 2', x, (tf, v) => tf.pow(v, 2)),
  unary('pow 0.5', positive, (tf, v) => tf.pow(v, 0.5)),
  unary('pow 3', x, (tf, v) => tf.pow(v, 3)),
  unary('pow -1', positive, (tf, v) => tf.pow(v, -1)),
  unary('pow -0.5', positive, (tf, v) => tf.pow(v, -0.5)),
  unary('pow -1.5', positive, (tf, v) => tf.pow(v, -1.5)),
  binary('number to the power', floats([4], 0), floats([3, 4]), (tf, a, b) => tf.pow(tf.add(a, 0.99), b)),
  binary('maximum', x, other, (tf, a, b) => tf.maximum(a, b)),
  binary('maximum of a row', x, row, (tf, a, b) => tf.maximum(a, b), { gradient: ['a'] }),
  binary('minimum', x, floats([3, 5], 2), (tf, a, b) => tf.minimum(a, b)),
  binary('minimum of a column', x, column, (tf, a, b) => tf.minimum(a, b), { gradient: ['a'] }),
  binary('squaredDifference', x, other, (tf, a, b) => tf.squaredDifference(a, b)),
  binary('mod', wide, floats([3, 5], 1, 2.5), (tf, a, b) => tf.mod(a, b)),
  binary('mod by negatives', wide, floats([3, 5], 1, -2.5), (tf, a, b) => tf.mod(a, b)),
  binary('floorDiv', wide, other, (tf, a, b) => tf.floorDiv(a, b), { gradient: false }),
  binary('atan2', x, floats([3, 5], 2, 0.1), (tf, a, b) => tf.atan2(a, b)),
  binary('int32 add', whole, divisor, (tf, a, b) => tf.add(a, b)),
  binary('int32 sub', whole, divisor, (tf, a, b) => tf.sub(a, b)),
  binary('int32 mul', whole, divisor, (tf, a, b) => tf.mul(a, b)),
  binary('int32 floorDiv', whole, divisor, (tf, a, b) => tf.floorDiv(a, b)),
  binary('int32 mod', whole, divisor, (tf, a, b) => tf.mod(a, b)),
  binary('int32 maximum', whole, divisor, (tf, a, b) => tf.maximum(a, b)),
  binary('int32 minimum', whole, divisor, (tf, a, b) => tf.minimum(a, b)),
  unary('int32 abs', whole, (tf, v) => tf.abs(v)),
  unary('int32 neg', whole, (tf, v) => tf.neg(v)),
  unary('int32 square', whole, (tf, v) => tf.square(v)),
  binary('int32 and float32', whole, floats([2, 6]), (tf, a, b) => tf.add(a, b), { gradient: ['b'] }),
  binary('bitwiseAnd', whole, divisor, (tf, a, b) => tf.bitwiseAnd(a, b)),
];

const logic: readonly OperatorCase[] = [
  binary('equal', whole, integers([2, 6], [7, 3, 0, 5, 2]), (tf, a, b) => tf.equal(a, b)),
  binary('notEqual', whole, integers([6], [7, 3, 0, 5, 2, 3]), (tf, a, b) => tf.notEqual(a, b)),
  binary('equal of floats', x, x, (tf, a, b) => tf.equal(a, b), { gradient: false }),
  binary('less', x, row, (tf, a, b) => tf.less(a, b), { gradient: false }),
  binary('lessEqual', whole, divisor, (tf, a, b) => tf.lessEqual(a, b)),
  binary('greater', whole, divisor, (tf, a, b) => tf.greater(a, b)),
  binary('greaterEqual', x, column, (tf, a, b) => tf.greaterEqual(a, b), { gradient: false }),
  binary('logicalAnd', flags, otherFlags, (tf, a, b) => tf.logicalAnd(a, b)),
  binary('logicalOr', flags, otherFlags, (tf, a, b) => tf.logicalOr(a, b)),
  binary('logicalXor', flags, otherFlags, (tf, a, b) => tf.logicalXor(a, b)),
  unary('logicalNot', flags, (tf, v) => tf.logicalNot(v)),
  binary('equal of truth values', flags, otherFlags, (tf, a, b) => tf.equal(a, b)),
  operator('where', { c: flags, a: x, b: other }, (tf, i) => tf.where(i['c']!, i['a']!, i['b']!)),
  operator('where with broadcasts', { c: truths([3, 1], [1, 0, 1]), a: x, b: row }, (tf, i) =>
    tf.where(i['c']!, i['a']!, i['b']!),
  ),
  operator('where against a number', { c: flags, a: x }, (tf, i) => tf.where(i['c']!, i['a']!, -1e9)),
  operator('where int32', { c: truths([2, 6], [1, 0]), a: whole, b: divisor }, (tf, i) =>
    tf.where(i['c']!, i['a']!, i['b']!),
  ),
  operator('where bool', { c: flags, a: flags, b: otherFlags }, (tf, i) =>
    tf.where(i['c']!, i['a']!, i['b']!),
  ),
];

const casts: readonly OperatorCase[] = [
  unary('cast to int32 truncates', halves, (tf, v) => tf.cast(v, 'int32'), { gradient: false }),
  unary('cast to bool', numbers(0, 0.5, -1, 2), (tf, v) => tf.cast(v, 'bool'), { gradient: false }),
  unary('cast int32 to float32', whole, (tf, v) => tf.cast(v, 'float32')),
  unary('cast int32 to bool', whole, (tf, v) => tf.cast(v, 'bool')),
  unary('cast bool to float32', flags, (tf, v) => tf.cast(v, 'float32')),
  unary('cast bool to int32', flags, (tf, v) => tf.cast(v, 'int32')),
  binary('truth value times number', flags, x, (tf, a, b) => tf.mul(a, b), { gradient: ['b'] }),
];

/** Operators that work element by element. */
export const elementwiseCases: readonly OperatorCase[] = [...functions, ...arithmetic, ...logic, ...casts];
