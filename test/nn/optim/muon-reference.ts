import type { HostTensor, TensorDict } from '../../../core/contracts/tensor.js';

/**
 * Muon in double precision on the host, written from the paper. PyTorch orthogonalises in bfloat16: with `rounded`
 * every matrix of the Newton-Schulz steps is rounded to bfloat16 where PyTorch rounds it, without it nothing is.
 */
export interface MuonReference {
  readonly steps: number;
  readonly scale: number;
  readonly rounded: boolean;
}

type Matrix = number[][];

/** Weights [out, in] after one update per gradient (lr 1e-2, momentum .95 Nesterov, 5 iterations, decay .05). */
export function muonReference(oracle: TensorDict, { steps, scale, rounded }: MuonReference): number[] {
  let weight = rowsOf(oracle['w0']!);
  let momentum = weight.map((row) => row.map(() => 0));
  for (let step = 0; step < steps; step++) {
    const gradient = rowsOf(oracle[`gw${step}`]!);
    momentum = combine(momentum, 0.95, gradient, 0.05);
    const direction = orthogonalised(
      combine(gradient, 0.05, momentum, 0.95),
      rounded ? toBfloat16 : (x) => x,
    );
    weight = combine(weight, 1 - 0.01 * 0.05, direction, -0.01 * scale);
  }
  return weight.flat();
}

/** The reference matrices have more rows than columns, so the small square is X^T X of the original. */
function orthogonalised(update: Matrix, round: (x: number) => number): Matrix {
  const rounded = (matrix: Matrix): Matrix => matrix.map((row) => row.map(round));
  let x = rounded(transpose(update));
  const norm = round(Math.sqrt(x.flat().reduce((sum, value) => sum + value * value, 0)));
  x = rounded(x.map((row) => row.map((value) => value / norm)));
  for (let iteration = 0; iteration < 5; iteration++) {
    const gram = rounded(product(x, transpose(x)));
    const map = rounded(combine(gram, -4.775, product(gram, gram), 2.0315));
    x = rounded(combine(x, 3.4445, product(map, x), 1));
  }
  return transpose(x);
}

function rowsOf({ data, shape }: HostTensor): Matrix {
  const [rows, columns] = shape as [number, number];
  return Array.from({ length: rows }, (_, i) => Array.from(data.subarray(i * columns, (i + 1) * columns)));
}

function combine(a: Matrix, alpha: number, b: Matrix, beta: number): Matrix {
  return a.map((row, i) => row.map((value, j) => alpha * value + beta * b[i]![j]!));
}

function product(a: Matrix, b: Matrix): Matrix {
  const columns = transpose(b);
  return a.map((row) => columns.map((column) => row.reduce((sum, value, k) => sum + value * column[k]!, 0)));
}

function transpose(matrix: Matrix): Matrix {
  return matrix[0]!.map((_, j) => matrix.map((row) => row[j]!));
}

/** Round to nearest, ties to even. */
function toBfloat16(x: number): number {
  const bits = new Uint32Array(Float32Array.of(x).buffer)[0]!;
  const even = (bits >>> 16) & 1;
  return new Float32Array(Uint32Array.of((bits + 0x7fff + even) & 0xffff0000).buffer)[0]!;
}
