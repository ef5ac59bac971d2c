import * as tf from '@tensorflow/tfjs';
import type { TensorSpec } from '../../contracts/tensor.js';
import type { HostBatch } from '../training/index.js';
import type { Forwards } from './forwards.js';

/** Rows that models are compared on. */
export interface Probe {
  readonly batch: HostBatch;
  readonly rows: number;
  readonly length: number;
}

/** Next-token distribution in the middle of every probe row, one array over the vocabulary per row. */
export async function predictionsOf(forwards: Forwards, probe: Probe): Promise<Float32Array[]> {
  const select: TensorSpec = { shape: [probe.rows], dtype: 'int32' };
  const shape = [probe.rows, probe.length] as const;
  const program = await forwards.compile(
    'predictions',
    shape,
    (steps) => ({ probabilities: tf.softmax(tf.squeeze(steps.at(-1)!, [1])) }),
    { select },
  );
  const middle = new Int32Array(probe.rows).fill(Math.floor(probe.length / 2));
  const { ids, segments } = probe.batch;
  const outputs = await forwards.run(program, { ids, segments, select: middle });
  await program.dispose();
  const { data, shape: found } = outputs['probabilities']!;
  const width = found[1]!;
  return Array.from({ length: probe.rows }, (_, row) =>
    Float32Array.from(data.subarray(row * width, (row + 1) * width)),
  );
}

/** Mean Jensen-Shannon divergence of two models over the probe rows, nats (at most ln 2). */
export function outputDivergence(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  let total = 0;
  for (const [row, p] of a.entries()) {
    const q = b[row]!;
    for (let i = 0; i < p.length; i++) {
      const middle = (p[i]! + q[i]!) / 2;
      if (p[i]! > 0) total += 0.5 * p[i]! * Math.log(p[i]! / middle);
      if (q[i]! > 0) total += 0.5 * q[i]! * Math.log(q[i]! / middle);
    }
  }
  return total / a.length;
}
