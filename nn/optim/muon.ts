import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor2D } from '@tensorflow/tfjs';
import { newtonSchulz, NORM_EPSILON } from './newton-schulz.js';

/**
 * How the orthogonal update is scaled for a matrix [in, out]. `jordan`: sqrt(max(1, out/in)), for rates near 0.02.
 * `moonlight`: 0.2 sqrt(max(in, out)), whose updates are as large as AdamW's (Liu et al. 2025), for rates near 1e-3.
 */
export type MuonScale = 'jordan' | 'moonlight';

export interface MuonSettings {
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly newtonSchulzSteps: number;
  readonly scale: MuonScale;
  readonly weightDecay: number;
  /** How the matrix lies; [in, out] by default. */
  readonly layout?: 'in-out' | 'out-in';
}

export interface MuonUpdate {
  readonly weight: Tensor2D;
  readonly momentum: Tensor2D;
  /** The orthogonalised direction O. */
  readonly direction: Tensor2D;
  /** What O is multiplied with: rate times scale. */
  readonly stepSize: Scalar;
}

/**
 * Muon (Jordan et al. 2024) on a matrix: Mo <- b Mo + (1-b) g; U = (1-b) g + b Mo with Nesterov, else Mo;
 * W <- W (1 - lr wd) - lr s NS(U).
 *
 * The momentum is kept as Mo / (1-b). Orthogonalisation does not see the factor, and it saves two passes.
 *
 * @param learningRate already multiplied by the schedule
 */
export function muonUpdate(
  weight: Tensor2D,
  gradient: Tensor2D,
  momentum: Tensor2D,
  learningRate: Scalar,
  settings: MuonSettings,
): MuonUpdate {
  const b = settings.momentum;
  const [rows, columns] = weight.shape;
  const [inputs, outputs] = settings.layout === 'out-in' ? [columns, rows] : [rows, columns];
  const running = tf.add(tf.mul(momentum, b), gradient) as Tensor2D;
  const ahead = settings.nesterov ? (tf.add(gradient, tf.mul(running, b)) as Tensor2D) : running;
  const direction = newtonSchulz(ahead, settings.newtonSchulzSteps, NORM_EPSILON / (1 - b));
  const stepSize = tf.mul(learningRate, muonScale(settings.scale, inputs, outputs)) as Scalar;
  const decayed = decay(weight, learningRate, settings.weightDecay);
  return { weight: tf.sub(decayed, tf.mul(direction, stepSize)), momentum: running, direction, stepSize };
}

/** s for a matrix [in, out]. */
export function muonScale(scale: MuonScale, inputs: number, outputs: number): number {
  return scale === 'jordan'
    ? Math.sqrt(Math.max(1, outputs / inputs))
    : 0.2 * Math.sqrt(Math.max(outputs, inputs));
}

function decay(weight: Tensor2D, learningRate: Scalar, weightDecay: number): Tensor2D {
  return weightDecay === 0
    ? weight
    : (tf.mul(weight, tf.sub(1, tf.mul(learningRate, weightDecay))) as Tensor2D);
}
