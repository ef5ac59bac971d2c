import type { Graph } from './graph.js';
import { expand, permutationOf, reshape, transpose, unexpanded } from './shape.js';
import { broadcastShape, int, madeBy, sameShape, type Value } from './value.js';

const CONTRIB = 'com.microsoft';

/**
 * Matrix product of the last two dimensions, the leading ones broadcast. Transposes are attributes of FusedMatMul,
 * so no data is moved; a Transpose that feeds the product is absorbed.
 */
export function matmul(graph: Graph, a: Value, b: Value, transposeA: boolean, transposeB: boolean): Value {
  const left = absorbTranspose(a, transposeA);
  const right = absorbTranspose(b, transposeB);
  const shape = productShape(left, right);
  const operands = [operand(graph, left.value), operand(graph, right.value)] as const;
  if (shape.length > 2 && shape.slice(0, -2).every((extent) => extent === 1)) {
    const flat = operands.map((value) => reshape(graph, value, value.shape.slice(-2)));
    return reshape(
      graph,
      product(graph, flat[0]!, flat[1]!, left.transposed, right.transposed, shape.slice(-2)),
      shape,
    );
  }
  const result = product(graph, operands[0], operands[1], left.transposed, right.transposed, shape);
  return sameShape(result.shape, shape) ? result : expand(graph, result, shape);
}

interface Operand {
  readonly value: Value;
  readonly transposed: boolean;
}

function product(
  graph: Graph,
  a: Value,
  b: Value,
  transposeA: boolean,
  transposeB: boolean,
  shape: readonly number[],
): Value {
  const type = { shape, dtype: a.dtype };
  if (!transposeA && !transposeB) return graph.apply('MatMul', [a, b], type);
  if (graph.dialect.lacks.has('FusedMatMul')) {
    const [left, right] = [transposeA ? swapLast(graph, a) : a, transposeB ? swapLast(graph, b) : b];
    return graph.apply('MatMul', [left, right], type);
  }
  if (transposeA && !transposeB && isLarge(a, b)) return innerProduct(graph, a, b);
  const attributes = { transA: int(Number(transposeA)), transB: int(Number(transposeB)) };
  return graph.apply('FusedMatMul', [a, b], type, attributes, CONTRIB);
}

/** The matrices of the last two dimensions transposed. */
function swapLast(graph: Graph, x: Value): Value {
  const rank = x.shape.length;
  const leading = Array.from({ length: rank - 2 }, (_, axis) => axis);
  return transpose(graph, x, [...leading, rank - 1, rank - 2]);
}

/** Two matrices whose product takes long enough for a transpose of one of them to be worth its time. */
function isLarge(a: Value, b: Value): boolean {
  if (a.shape.length !== 2 || b.shape.length !== 2) return false;
  return a.shape[0]! * a.shape[1]! * b.shape[1]! >= 2 ** 24;
}

/**
 * A^T B, the shape of every weight gradient. The CPU kernel reads a transposed left operand in strides of a row,
 * up to twice as slow as in order; so the narrower operand is transposed instead, and a wide result with it.
 */
function innerProduct(graph: Graph, a: Value, b: Value): Value {
  const [rows, columns] = [a.shape[1]!, b.shape[1]!];
  const swap = (x: Value): Value => swapLast(graph, x);
  if (rows <= columns) return graph.apply('MatMul', [swap(a), b], { shape: [rows, columns], dtype: a.dtype });
  return swap(graph.apply('MatMul', [swap(b), a], { shape: [columns, rows], dtype: a.dtype }));
}

/** Drop a broadcast of the leading dimensions: the product broadcasts by itself. */
function operand(graph: Graph, x: Value): Value {
  const base = unexpanded(x);
  if (base === x || base.shape.length < 2 || !sameShape(base.shape.slice(-2), x.shape.slice(-2))) return x;
  return reshape(graph, base, [
    ...x.shape.slice(0, x.shape.length - base.shape.length).map(() => 1),
    ...base.shape,
  ]);
}

function absorbTranspose(value: Value, transposed: boolean): Operand {
  const permutation = permutationOf(value);
  if (!permutation || permutation.length < 2) return { value, transposed };
  const rank = permutation.length;
  const swapsLast = permutation.every(
    (axis, i) => axis === (i === rank - 2 ? rank - 1 : i === rank - 1 ? rank - 2 : i),
  );
  return swapsLast
    ? { value: madeBy(value, 'Transpose')!.inputs[0]!, transposed: !transposed }
    : { value, transposed };
}

/** @throws Error when the inner dimensions differ */
function productShape(left: Operand, right: Operand): number[] {
  const [rows, inner] = matrix(left);
  const [height, columns] = matrix(right);
  if (inner !== height)
    throw new Error(`a product of ${rows} x ${inner} and ${height} x ${columns} matrices does not exist`);
  const batch = broadcastShape([left.value.shape.slice(0, -2), right.value.shape.slice(0, -2)]);
  return [...batch, rows, columns];
}

function matrix({ value, transposed }: Operand): [rows: number, columns: number] {
  const rows = value.shape.at(-2)!;
  const columns = value.shape.at(-1)!;
  return transposed ? [columns, rows] : [rows, columns];
}
