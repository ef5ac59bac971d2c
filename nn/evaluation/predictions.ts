import * as tf from '@tensorflow/tfjs';
import type { Program } from '../../core/contracts/engine.js';
import type { HostBatch } from '../training/index.js';
import { answerLogits } from '../models/index.js';
import type { Forwards } from './forwards.js';

/** Rows that models are compared on. */
export interface Probe {
  readonly batch: HostBatch;
  readonly rows: number;
  readonly length: number;
}

/** Next-token distributions in the middle of rows; compiled once for any weights of one shape. */
export class Predictor {
  private constructor(
    private readonly forwards: Forwards,
    private readonly program: Program,
    private readonly rows: number,
    private readonly length: number,
  ) {}

  static async create(forwards: Forwards, rows: number, length: number): Promise<Predictor> {
    const program = await forwards.compile(
      'predictions',
      [rows, length],
      (pass) => ({ probabilities: tf.softmax(tf.squeeze(answerLogits(pass), [1])) }),
      { select: { shape: [rows], dtype: 'int32' } },
    );
    return new Predictor(forwards, program, rows, length);
  }

  /** One array over the vocabulary per row. */
  async predict({ ids, segments }: HostBatch): Promise<Float32Array[]> {
    const select = new Int32Array(this.rows).fill(Math.floor(this.length / 2));
    const outputs = await this.forwards.run(this.program, { ids, segments, select });
    const { data, shape } = outputs['probabilities']!;
    const width = shape[1]!;
    return Array.from({ length: this.rows }, (_, row) =>
      Float32Array.from(data.subarray(row * width, (row + 1) * width)),
    );
  }

  async dispose(): Promise<void> {
    await this.program.dispose();
  }
}

/** Next-token distribution in the middle of every probe row. */
export async function predictionsOf(forwards: Forwards, probe: Probe): Promise<Float32Array[]> {
  const predictor = await Predictor.create(forwards, probe.rows, probe.length);
  const predictions = await predictor.predict(probe.batch);
  await predictor.dispose();
  return predictions;
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
