import type { HostTensor } from '../../core/contracts/tensor.js';

/** W + scale L R in host memory, summed in float64. @param left [n, r] @param right [r, m] @param matrix [n, m] */
export function addedProduct(
  matrix: HostTensor,
  left: HostTensor,
  right: HostTensor,
  scale: number,
): HostTensor {
  const [rows, columns] = matrix.shape as [number, number];
  const rank = right.shape[0]!;
  const data = new Float32Array(matrix.data.length);
  const row = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    row.fill(0);
    for (let k = 0; k < rank; k++) {
      const factor = left.data[i * rank + k]!;
      for (let j = 0; j < columns; j++) row[j]! += factor * right.data[k * columns + j]!;
    }
    for (let j = 0; j < columns; j++) data[i * columns + j] = matrix.data[i * columns + j]! + scale * row[j]!;
  }
  return { ...matrix, data };
}
