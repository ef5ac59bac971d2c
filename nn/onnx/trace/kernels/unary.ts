import type { CastAttrs, ClipByValueAttrs, DataType, LeakyReluAttrs, StepAttrs } from '@tensorflow/tfjs';
import type { Dtype } from '../../../../core/contracts/index.js';
import { ForgeError } from '../../../../core/errors/index.js';
import { add, cast, elementwise, equal, less, multiply, select, subtract } from '../../graph/elementwise.js';
import { expMinusOne, logOnePlus, softPlus } from '../../graph/exponentials.js';
import type { Graph } from '../../graph/graph.js';
import { circular, type Circular } from '../../graph/trigonometry.js';
import { float, type GraphDtype, type Value } from '../../graph/value.js';
import type { KernelTable, KernelTracer } from './call.js';

const unary =
  (op: string, dtype?: GraphDtype): KernelTracer =>
  (call) =>
    elementwise(call.graph, op, [call.value('x')], dtype ?? call.value('x').dtype);

/** Operators that ONNX has for floats only. */
const floating =
  (op: string): KernelTracer =>
  (call) =>
    elementwise(call.graph, op, [cast(call.graph, call.value('x'), 'float32')], 'float32');

const trigonometric =
  (op: Circular): KernelTracer =>
  (call) => {
    const x = cast(call.graph, call.value('x'), 'float32');
    if (call.graph.dialect.exactFunctions) return elementwise(call.graph, op, [x], 'float32');
    return circular(call.graph, op, x);
  };

/** A function of one tensor made of several nodes. */
const composed =
  (build: (graph: Graph, x: Value) => Value): KernelTracer =>
  (call) =>
    build(call.graph, cast(call.graph, call.value('x'), 'float32'));

function isFinite(graph: Graph, x: Value): Value {
  return less(graph, elementwise(graph, 'Abs', [x], 'float32'), graph.scalar(Infinity));
}

function inverseSquareRoot(graph: Graph, x: Value): Value {
  return elementwise(graph, 'Reciprocal', [elementwise(graph, 'Sqrt', [x], 'float32')], 'float32');
}

/** Constants of Klambauer et al. 2017 scale * alpha and scale. */
const SELU_ALPHA = 1.7580993408;
const SELU_SCALE = 1.0507009874;

function scaledExponential(graph: Graph, x: Value): Value {
  const negative = multiply(graph, expMinusOne(graph, x), graph.scalar(SELU_ALPHA));
  const positive = multiply(graph, x, graph.scalar(SELU_SCALE));
  return select(graph, less(graph, x, graph.scalar(0)), negative, positive);
}

/** 1 where x is positive, else alpha: the derivative of the rectifiers. */
const step: KernelTracer = (call) => {
  const { graph } = call;
  const x = call.value('x');
  const { alpha } = call.attributes<StepAttrs>();
  const positive = elementwise(graph, 'Greater', [x, cast(graph, graph.scalar(0), x.dtype)], 'bool');
  if (alpha === 0) return cast(graph, positive, x.dtype);
  return select(
    graph,
    positive,
    cast(graph, graph.scalar(1), x.dtype),
    cast(graph, graph.scalar(alpha), x.dtype),
  );
};

const sign: KernelTracer = (call) => {
  const { graph } = call;
  const x = call.value('x');
  if (!graph.dialect.lacks.has('Sign')) return elementwise(graph, 'Sign', [x], x.dtype);
  const zero = cast(graph, graph.scalar(0), x.dtype);
  const above = cast(graph, less(graph, zero, x), x.dtype);
  return subtract(graph, above, cast(graph, less(graph, x, zero), x.dtype));
};

/** To the nearest whole number, halves to the even one. */
function round(graph: Graph, x: Value): Value {
  if (!graph.dialect.lacks.has('Round')) return elementwise(graph, 'Round', [x], 'float32');
  const floor = (value: Value): Value => elementwise(graph, 'Floor', [value], 'float32');
  const half = graph.scalar(0.5);
  const below = floor(x);
  const over = subtract(graph, x, below);
  const even = multiply(graph, floor(multiply(graph, below, half)), graph.scalar(2));
  const atHalf = add(graph, even, multiply(graph, subtract(graph, below, even), graph.scalar(2)));
  const nearest = add(graph, below, cast(graph, less(graph, half, over), 'float32'));
  return select(graph, equal(graph, over, half), atHalf, nearest);
}

const clip: KernelTracer = (call) => {
  const { graph } = call;
  const x = call.value('x');
  const { clipValueMin, clipValueMax } = call.attributes<ClipByValueAttrs>();
  const bound = (value: number): Value => cast(graph, graph.scalar(value), x.dtype);
  return elementwise(graph, 'Clip', [x, bound(clipValueMin), bound(clipValueMax)], x.dtype);
};

/** The types tfjs and the graph share. */
export function supportedDtype(dtype: DataType): Dtype {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new ForgeError('AF_ENGINE_DTYPE', `Tensors of type ${dtype} cannot be compiled.`, {
    fix: 'Use float32, int32 or bool.',
  });
}

/** Functions of one operand. */
export const unaryKernels: KernelTable = {
  Identity: (call) => call.value('x'),
  Cast: (call) => cast(call.graph, call.value('x'), supportedDtype(call.attributes<CastAttrs>().dtype)),
  Abs: unary('Abs'),
  Neg: unary('Neg'),
  Sign: sign,
  Square: (call) => multiply(call.graph, call.value('x'), call.value('x')),
  Reciprocal: floating('Reciprocal'),
  Sqrt: floating('Sqrt'),
  Rsqrt: composed(inverseSquareRoot),
  Exp: floating('Exp'),
  Expm1: composed(expMinusOne),
  Log: floating('Log'),
  Log1p: composed(logOnePlus),
  Floor: floating('Floor'),
  Ceil: floating('Ceil'),
  Round: composed(round),
  Sin: trigonometric('Sin'),
  Cos: trigonometric('Cos'),
  Tan: trigonometric('Tan'),
  Asin: trigonometric('Asin'),
  Acos: trigonometric('Acos'),
  Atan: trigonometric('Atan'),
  Sinh: floating('Sinh'),
  Cosh: floating('Cosh'),
  Tanh: floating('Tanh'),
  Asinh: floating('Asinh'),
  Acosh: floating('Acosh'),
  Atanh: floating('Atanh'),
  Erf: floating('Erf'),
  Sigmoid: floating('Sigmoid'),
  Softplus: composed(softPlus),
  Relu: unary('Relu'),
  Relu6: (call) =>
    elementwise(call.graph, 'Clip', [call.value('x'), call.graph.scalar(0), call.graph.scalar(6)], 'float32'),
  Elu: floating('Elu'),
  Selu: composed(scaledExponential),
  LeakyRelu: (call) =>
    elementwise(call.graph, 'LeakyRelu', [call.value('x')], 'float32', {
      alpha: float(call.attributes<LeakyReluAttrs>().alpha),
    }),
  Prelu: (call) => {
    const x = call.value('x');
    const scaled = multiply(call.graph, x, call.value('alpha'));
    return select(call.graph, less(call.graph, x, call.graph.scalar(0)), scaled, x);
  },
  EluGrad: (call) => {
    const { graph } = call;
    const y = call.value('y');
    const dy = call.value('dy');
    const slope = multiply(graph, dy, add(graph, y, graph.scalar(1)));
    return select(graph, less(graph, y, graph.scalar(0)), slope, dy);
  },
  Step: step,
  ClipByValue: clip,
  IsNan: floatTest('IsNaN'),
  IsInf: floatTest('IsInf'),
  IsFinite: composed(isFinite),
};

function floatTest(op: string): KernelTracer {
  return (call) => elementwise(call.graph, op, [cast(call.graph, call.value('x'), 'float32')], 'bool');
}
