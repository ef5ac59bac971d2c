import { add, divide, elementwise, less, multiply, select, subtract } from './elementwise.js';
import type { Graph } from './graph.js';
import type { Value } from './value.js';

/*
 * exp(x) - 1 and log(1 + x) near 0 by their series: what exp and log themselves lose there is not the same on every
 * device (see Dialect.exactFunctions), and sums and products of a few terms are.
 */

/** 1/2!, 1/3! ... 1/11!: what is left out at 1 is 2e-9 of the sum. */
const EXP_TERMS = 11;
/** 1/3, 1/5 ... 1/17: what is left out at a third is 1e-10 of the sum. */
const ATANH_TERMS = 9;

/** exp(x) - 1: the Taylor series where |x| < 1, elsewhere as it is written. */
export function expMinusOne(graph: Graph, x: Value): Value {
  const coefficients = [1];
  for (let n = 2; n <= EXP_TERMS; n++) coefficients.push(coefficients.at(-1)! / n);
  const near = multiply(graph, x, polynomial(graph, x, coefficients));
  const far = subtract(graph, elementwise(graph, 'Exp', [x], 'float32'), graph.scalar(1));
  return select(graph, isNear(graph, x), near, far);
}

/** log(1 + x): 2 atanh(x / (2 + x)) where -1/2 < x < 1, elsewhere as it is written. */
export function logOnePlus(graph: Graph, x: Value): Value {
  const near = seriesOfLogOnePlus(graph, x);
  const far = elementwise(graph, 'Log', [add(graph, x, graph.scalar(1))], 'float32');
  const centred = subtract(graph, x, graph.scalar(0.25));
  return select(graph, less(graph, absolute(graph, centred), graph.scalar(0.75)), near, far);
}

/** 2 s (1 + s^2/3 + s^4/5 ...) with s = x / (2 + x), at most a third in size where -1/2 <= x <= 1. */
function seriesOfLogOnePlus(graph: Graph, x: Value): Value {
  const s = divide(graph, x, add(graph, x, graph.scalar(2)));
  const coefficients = Array.from({ length: ATANH_TERMS }, (_, k) => 2 / (2 * k + 1));
  return multiply(graph, s, polynomial(graph, multiply(graph, s, s), coefficients));
}

/**
 * log(1 + exp(x)) as max(x, 0) + log(1 + e) with e = exp(-|x|). Where functions are exact, what rounding takes from u = 1 + e
 * is added back as (e - (u - 1)) / u. onnxruntime's own Softplus takes five times as long.
 */
export function softPlus(graph: Graph, x: Value): Value {
  const e = elementwise(
    graph,
    'Exp',
    [elementwise(graph, 'Neg', [absolute(graph, x)], 'float32')],
    'float32',
  );
  const log = graph.dialect.exactFunctions ? correctedLog(graph, e) : seriesOfLogOnePlus(graph, e);
  return add(graph, elementwise(graph, 'Relu', [x], 'float32'), log);
}

function correctedLog(graph: Graph, e: Value): Value {
  const one = graph.scalar(1);
  const u = add(graph, e, one);
  const lost = divide(graph, subtract(graph, e, subtract(graph, u, one)), u);
  return add(graph, elementwise(graph, 'Log', [u], 'float32'), lost);
}

/** c[0] + c[1] x + c[2] x^2 ... by Horner's rule. */
export function polynomial(graph: Graph, x: Value, coefficients: readonly number[]): Value {
  return coefficients
    .map((coefficient) => graph.scalar(coefficient))
    .reduceRight((sum, coefficient) => add(graph, multiply(graph, sum, x), coefficient));
}

function isNear(graph: Graph, x: Value): Value {
  return less(graph, absolute(graph, x), graph.scalar(1));
}

function absolute(graph: Graph, x: Value): Value {
  return elementwise(graph, 'Abs', [x], 'float32');
}
