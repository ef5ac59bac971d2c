import type { HostTensor, TensorDict } from '../../core/contracts/tensor.js';
import { ForgeError } from '../../core/errors/index.js';

/**
 * Weights whose tables have more rows at their end, one per new id: each new row is the mean of the old ones, so that an
 * id nobody has seen is as likely as an average one (Hewitt 2021).
 *
 * @param tables names of the tensors [V, ...] with a row per id
 * @throws ForgeError AF_INTERNAL when a table is not there
 */
export function growRows(weights: TensorDict, tables: readonly string[], rows: number): TensorDict {
  const grown: TensorDict = { ...weights };
  for (const name of tables) {
    const table = weights[name];
    if (table === undefined) throw new ForgeError('AF_INTERNAL', `There is no tensor ${name} to grow.`);
    grown[name] = withMeanRows(table, rows);
  }
  return grown;
}

function withMeanRows({ shape, dtype, data }: HostTensor, rows: number): HostTensor {
  const [before = 0, ...rest] = shape;
  const width = rest.reduce((product, side) => product * side, 1);
  const mean = new Float64Array(width);
  for (let i = 0; i < data.length; i++) mean[i % width]! += data[i]! / before;
  const grown = new Float32Array((before + rows) * width);
  grown.set(data);
  for (let row = before; row < before + rows; row++) grown.set(mean, row * width);
  return { shape: [before + rows, ...rest], dtype, data: grown };
}
