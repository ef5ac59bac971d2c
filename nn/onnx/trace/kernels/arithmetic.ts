import {
  add,
  both,
  cast,
  divide,
  either,
  elementwise,
  equal,
  less,
  multiply,
  not,
  select,
  subtract,
} from '../../graph/elementwise.js';
import { scalarOf, type Graph } from '../../graph/graph.js';
import { reshape } from '../../graph/shape.js';
import { circular } from '../../graph/trigonometry.js';
import { int, type GraphDtype, type Value } from '../../graph/value.js';
import type { KernelTable, KernelTracer } from './call.js';

const binary =
  (op: string, dtype?: GraphDtype): KernelTracer =>
  (call) =>
    elementwise(call.graph, op, [call.value('a'), call.value('b')], dtype ?? call.value('a').dtype);

const operands =
  (build: (graph: Graph, a: Value, b: Value) => Value): KernelTracer =>
  (call) =>
    build(call.graph, call.value('a'), call.value('b'));

/** Remainder with the sign of the divisor, as tfjs has it. */
function modulo(graph: Graph, a: Value, b: Value): Value {
  if (a.dtype === 'int32') return elementwise(graph, 'Mod', [a, b], 'int32');
  const truncated = (x: Value): Value => elementwise(graph, 'Mod', [x, b], 'float32', { fmod: int(1) });
  const zero = graph.scalar(0);
  const remainder = truncated(a);
  const sameSign = equal(graph, less(graph, a, zero), less(graph, b, zero));
  return select(graph, sameSign, remainder, truncated(add(graph, remainder, b)));
}

/** The quotient rounded down, int32 whatever the operands are, as tfjs has it. */
function floorDivide(graph: Graph, a: Value, b: Value): Value {
  if (a.dtype === 'int32') return divide(graph, subtract(graph, a, modulo(graph, a, b)), b);
  return cast(graph, elementwise(graph, 'Floor', [divide(graph, a, b)], a.dtype), 'int32');
}

/** Powers that have an operator of their own; the general one costs ten times as much. */
const POWERS: ReadonlyMap<number, (graph: Graph, x: Value) => Value> = new Map([
  [1, (_, x) => x],
  [2, (graph, x) => multiply(graph, x, x)],
  [3, (graph, x) => multiply(graph, multiply(graph, x, x), x)],
  [0.5, (graph, x) => unary(graph, 'Sqrt', x)],
  [-1, (graph, x) => unary(graph, 'Reciprocal', x)],
  [-0.5, (graph, x) => unary(graph, 'Reciprocal', unary(graph, 'Sqrt', x))],
]);

function unary(graph: Graph, op: string, x: Value): Value {
  return elementwise(graph, op, [x], x.dtype);
}

function power(graph: Graph, base: Value, exponent: Value): Value {
  const constant = exponent.shape.length === 0 ? scalarOf(exponent) : null;
  const special = base.dtype === 'float32' && constant !== null ? POWERS.get(constant) : undefined;
  return special?.(graph, base) ?? elementwise(graph, 'Pow', [base, exponent], base.dtype);
}

function arcTangentOf(graph: Graph, x: Value): Value {
  return graph.dialect.exactFunctions ? unary(graph, 'Atan', x) : circular(graph, 'Atan', x);
}

/** Angle of (x, y) in (-pi, pi] from the arc tangent of the quotient and the quadrant. */
function arcTangent2(graph: Graph, y: Value, x: Value): Value {
  const zero = graph.scalar(0);
  const ratio = arcTangentOf(graph, divide(graph, y, x));
  const halfTurn = select(graph, less(graph, y, zero), graph.scalar(-Math.PI), graph.scalar(Math.PI));
  const turned = select(graph, less(graph, x, zero), add(graph, ratio, halfTurn), ratio);
  const bothZero = both(graph, equal(graph, x, zero), equal(graph, y, zero));
  return select(graph, bothZero, zero, turned);
}

function total(graph: Graph, terms: readonly Value[]): Value {
  const [first, ...rest] = terms;
  return rest.reduce((sum, term) => add(graph, sum, term), first!);
}

/** Arithmetic, comparison and logic on two operands. */
export const arithmeticKernels: KernelTable = {
  Add: operands(add),
  AddN: (call) => total(call.graph, call.list()),
  Sub: operands(subtract),
  Multiply: operands(multiply),
  RealDiv: operands(divide),
  FloorDiv: operands(floorDivide),
  Mod: operands(modulo),
  Pow: operands(power),
  Atan2: operands(arcTangent2),
  Maximum: binary('Max'),
  Minimum: binary('Min'),
  SquaredDifference: operands((graph, a, b) => {
    const difference = subtract(graph, a, b);
    return multiply(graph, difference, difference);
  }),
  BitwiseAnd: binary('BitwiseAnd'),
  Equal: operands(equal),
  NotEqual: operands((graph, a, b) => not(graph, equal(graph, a, b))),
  Less: operands(less),
  LessEqual: binary('LessOrEqual', 'bool'),
  Greater: binary('Greater', 'bool'),
  GreaterEqual: binary('GreaterOrEqual', 'bool'),
  LogicalAnd: binary('And', 'bool'),
  LogicalOr: operands(either),
  LogicalXor: binary('Xor', 'bool'),
  LogicalNot: (call) => not(call.graph, call.value('x')),
  Select: (call) => {
    const yes = call.value('t');
    return select(call.graph, alignCondition(call.graph, call.value('condition'), yes), yes, call.value('e'));
  },
};

/** A condition of rank 1 chooses along the first axis of operands of higher rank. */
function alignCondition(graph: Graph, condition: Value, yes: Value): Value {
  const known = cast(graph, condition, 'bool');
  if (condition.shape.length !== 1 || yes.shape.length <= 1) return known;
  return reshape(graph, known, [known.shape[0]!, ...yes.shape.slice(1).map(() => 1)]);
}
