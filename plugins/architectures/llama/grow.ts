import type { HostTensor, TensorDict } from '../../../core/contracts/tensor.js';
import type { LlamaConfig } from './config.js';
import { EMBEDDING, HEAD } from './describe.js';

/** The same weights with `rows` more ids; the new rows of embedding and untied head are the mean of the old ones. */
export function growTables({ tiedHead }: LlamaConfig, weights: TensorDict, rows: number): TensorDict {
  const tables = tiedHead ? [EMBEDDING] : [EMBEDDING, HEAD];
  return Object.fromEntries(
    Object.entries(weights).map(([name, tensor]) => [
      name,
      tables.includes(name) ? withMeanRows(tensor, rows) : tensor,
    ]),
  );
}

function withMeanRows({ shape, dtype, data }: HostTensor, rows: number): HostTensor {
  const [count, width] = shape as [number, number];
  const sums = new Float64Array(width);
  for (let at = 0; at < count * width; at++) sums[at % width]! += data[at]!;
  const mean = Float32Array.from(sums, (sum) => sum / count);
  const grown = new Float32Array((count + rows) * width);
  grown.set(data);
  for (let row = 0; row < rows; row++) grown.set(mean, (count + row) * width);
  return { shape: [count + rows, width], dtype, data: grown };
}
