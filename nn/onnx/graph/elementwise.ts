import { scalarOf, type Graph } from './graph.js';
import { expand, unexpanded } from './shape.js';
import {
  broadcastShape,
  int,
  madeBy,
  sameShape,
  type Attributes,
  type GraphDtype,
  type Value,
} from './value.js';

/**
 * Apply an operator that works element by element. Operands that are broadcasts are taken as they were before, and
 * the result is broadcast instead: the work is done once per distinct element.
 */
export function elementwise(
  graph: Graph,
  op: string,
  operands: readonly Value[],
  dtype: GraphDtype,
  attributes: Attributes = {},
  domain = '',
): Value {
  const full = broadcastShape(operands.map((operand) => operand.shape));
  const bases = operands.map(unexpanded);
  const shape = broadcastShape(bases.map((base) => base.shape));
  const result =
    simplify(graph, op, bases, shape, dtype) ?? graph.apply(op, bases, { shape, dtype }, attributes, domain);
  return expand(graph, result, full);
}

/** Results that need no node: neutral elements and arithmetic on scalar constants. */
function simplify(
  graph: Graph,
  op: string,
  operands: readonly Value[],
  shape: readonly number[],
  dtype: GraphDtype,
): Value | null {
  const [a, b] = operands;
  if (!a || dtype === 'int64' || dtype === 'uint8') return null;
  const left = scalarOf(a);
  const right = b ? scalarOf(b) : null;
  if (dtype === 'float32' && left !== null && shape.length === 0 && (right !== null || !b)) {
    const folded = FOLDABLE[op]?.(left, right ?? 0);
    if (folded !== undefined) return graph.scalar(folded);
  }
  if (b && right === NEUTRAL_RIGHT[op] && sameShape(a.shape, shape)) return a;
  if (b && left === NEUTRAL_LEFT[op] && sameShape(b.shape, shape)) return b;
  return null;
}

const NEUTRAL_RIGHT: Readonly<Record<string, number>> = { Add: 0, Sub: 0, Mul: 1, Div: 1, Pow: 1 };
const NEUTRAL_LEFT: Readonly<Record<string, number>> = { Add: 0, Mul: 1 };

const FOLDABLE: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Neg: (a) => -a,
  Sqrt: (a) => Math.sqrt(a),
  Reciprocal: (a) => 1 / a,
};

export const add = (graph: Graph, a: Value, b: Value): Value => elementwise(graph, 'Add', [a, b], a.dtype);
export const subtract = (graph: Graph, a: Value, b: Value): Value =>
  elementwise(graph, 'Sub', [a, b], a.dtype);
export const multiply = (graph: Graph, a: Value, b: Value): Value =>
  elementwise(graph, 'Mul', [a, b], a.dtype);
export const divide = (graph: Graph, a: Value, b: Value): Value => elementwise(graph, 'Div', [a, b], a.dtype);
export const equal = (graph: Graph, a: Value, b: Value): Value => elementwise(graph, 'Equal', [a, b], 'bool');
export const less = (graph: Graph, a: Value, b: Value): Value => elementwise(graph, 'Less', [a, b], 'bool');
export const not = (graph: Graph, a: Value): Value => elementwise(graph, 'Not', [a], 'bool');
export const both = (graph: Graph, a: Value, b: Value): Value => elementwise(graph, 'And', [a, b], 'bool');

export function either(graph: Graph, a: Value, b: Value): Value {
  if (graph.dialect.lacks.has('Or')) return not(graph, both(graph, not(graph, a), not(graph, b)));
  return elementwise(graph, 'Or', [a, b], 'bool');
}

/** `yes` where the condition holds, else `no`. onnxruntime has no Where for truth values: logic does the same. */
export function select(graph: Graph, condition: Value, yes: Value, no: Value): Value {
  if (yes.dtype === 'bool')
    return either(graph, both(graph, condition, yes), both(graph, not(graph, condition), no));
  return elementwise(graph, 'Where', [condition, yes, no], yes.dtype);
}

/** TensorProto.DataType of the types that Cast is asked for. */
const CAST_TARGET: Readonly<Record<GraphDtype, number>> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
};

/** Convert elements: float to int truncates, to bool is `!= 0`. */
export function cast(graph: Graph, x: Value, dtype: GraphDtype): Value {
  if (x.dtype === dtype) return x;
  const constant = scalarOf(x);
  if (constant !== null && dtype !== 'int64' && dtype !== 'uint8' && x.shape.length === 0) {
    const value =
      dtype === 'bool' ? Number(constant !== 0) : dtype === 'int32' ? Math.trunc(constant) : constant;
    return graph.scalar(value, dtype);
  }
  const before = madeBy(x, 'Cast')?.inputs[0];
  if (before && dtype === 'int64' && x.dtype === 'int32' && before.dtype === 'int64') return before;
  return elementwise(graph, 'Cast', [x], dtype, { to: int(CAST_TARGET[dtype]) });
}
