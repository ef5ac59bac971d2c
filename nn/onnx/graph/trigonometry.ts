import { add, divide, elementwise, less, multiply, select, subtract } from './elementwise.js';
import { polynomial } from './exponentials.js';
import type { Graph } from './graph.js';
import type { Value } from './value.js';

/*
 * Trigonometric functions from sums and products, for devices whose own are coarse: WGSL allows sin and cos an absolute
 * error of 2^-11 and asks for it between -pi and pi only, and allows atan 4,096 units in the last place.
 */

export type Circular = 'Sin' | 'Cos' | 'Tan' | 'Asin' | 'Acos' | 'Atan';

/** pi / 2 in three parts; products of the first with integers below 2^15 are exact (Cody and Waite 1980). */
const HALF_PI = [1.5703125, 4.837512969970703e-4, 7.549789954891882e-8] as const;
/** Taylor coefficients of sin(r) / r and cos(r) in r^2; what is left out at pi/4 is below 2e-10. */
const SIN = [1, -1 / 6, 1 / 120, -1 / 5040, 1 / 362_880];
const COS = [1, -1 / 2, 1 / 24, -1 / 720, 1 / 40_320, -1 / 3_628_800];
/** Coefficients of atan(t) / t in t^2; what is left out at tan(pi/8) is 1e-9. */
const ATAN = Array.from({ length: 10 }, (_, k) => (k % 2 === 0 ? 1 : -1) / (2 * k + 1));

/** One of the functions, of a float32 value; for |x| below 50,000. */
export function circular(graph: Graph, op: Circular, x: Value): Value {
  switch (op) {
    case 'Sin':
      return sineFrom(graph, x, 0);
    case 'Cos':
      return sineFrom(graph, x, 1);
    case 'Tan':
      return tangent(graph, x);
    case 'Atan':
      return arcTangent(graph, x);
    case 'Asin':
      return arcSine(graph, x);
    case 'Acos':
      return subtract(graph, graph.scalar(Math.PI / 2), arcSine(graph, x));
  }
}

interface Reduced {
  /** The multiple of pi/2 next to x. */
  readonly quarter: Value;
  readonly sine: Value;
  readonly cosine: Value;
}

/** Sine and cosine of what is left of x after whole quarters of a turn. */
function reduce(graph: Graph, x: Value): Reduced {
  const turns = add(graph, multiply(graph, x, graph.scalar(2 / Math.PI)), graph.scalar(0.5));
  const quarter = floor(graph, turns);
  const rest = HALF_PI.reduce(
    (left, part) => subtract(graph, left, multiply(graph, quarter, graph.scalar(part))),
    x,
  );
  const square = multiply(graph, rest, rest);
  return {
    quarter,
    sine: multiply(graph, rest, polynomial(graph, square, SIN)),
    cosine: polynomial(graph, square, COS),
  };
}

/** sin(x + ahead pi/2): sine or cosine of the rest, by whether the quarter is odd, and its sign by the half turn. */
function sineFrom(graph: Graph, x: Value, ahead: 0 | 1): Value {
  const { quarter, sine, cosine } = reduce(graph, x);
  const at = add(graph, quarter, graph.scalar(ahead));
  const size = select(graph, isOdd(graph, at), cosine, sine);
  const half = floor(graph, multiply(graph, at, graph.scalar(0.5)));
  return select(graph, isOdd(graph, half), elementwise(graph, 'Neg', [size], 'float32'), size);
}

function tangent(graph: Graph, x: Value): Value {
  const { quarter, sine, cosine } = reduce(graph, x);
  const turned = divide(graph, elementwise(graph, 'Neg', [cosine], 'float32'), sine);
  return select(graph, isOdd(graph, quarter), turned, divide(graph, sine, cosine));
}

/** By |x| > 1: pi/2 - atan(1/x); and by t > tan(pi/8): pi/4 + atan((t - 1) / (t + 1)). */
function arcTangent(graph: Graph, x: Value): Value {
  const one = graph.scalar(1);
  const size = elementwise(graph, 'Abs', [x], 'float32');
  const steep = less(graph, one, size);
  const t = select(graph, steep, divide(graph, one, size), size);
  const wide = less(graph, graph.scalar(Math.tan(Math.PI / 8)), t);
  const shifted = divide(graph, subtract(graph, t, one), add(graph, t, one));
  const rest = select(graph, wide, shifted, t);
  const series = multiply(graph, rest, polynomial(graph, multiply(graph, rest, rest), ATAN));
  const angle = select(graph, wide, add(graph, series, graph.scalar(Math.PI / 4)), series);
  const upright = select(graph, steep, subtract(graph, graph.scalar(Math.PI / 2), angle), angle);
  return select(
    graph,
    less(graph, x, graph.scalar(0)),
    elementwise(graph, 'Neg', [upright], 'float32'),
    upright,
  );
}

/** atan(x / sqrt((1 - x) (1 + x))) */
function arcSine(graph: Graph, x: Value): Value {
  const one = graph.scalar(1);
  const product = multiply(graph, subtract(graph, one, x), add(graph, one, x));
  return arcTangent(graph, divide(graph, x, elementwise(graph, 'Sqrt', [product], 'float32')));
}

function floor(graph: Graph, x: Value): Value {
  return elementwise(graph, 'Floor', [x], 'float32');
}

/** Of whole numbers. */
function isOdd(graph: Graph, x: Value): Value {
  const even = multiply(graph, floor(graph, multiply(graph, x, graph.scalar(0.5))), graph.scalar(2));
  return less(graph, graph.scalar(0.5), subtract(graph, x, even));
}
