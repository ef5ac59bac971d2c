import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { TensorDescription } from '../../core/contracts/architecture.js';
import type { TensorMap } from '../../core/contracts/tensor.js';
import { operatorOf, withOperator } from '../layers/matrix-operator.js';
import { magnitudeHistogram } from './magnitudes.js';

/** Sums over the tokens of text of one batch and all uses of a matrix, as a program gives them. */
export interface RecordedSums<T = Tensor> {
  /** Sum of x^2, [in]. */
  readonly power: T;
  /** Largest |x|, [in]. */
  readonly peaks: T;
  /** Numbers by magnitude. */
  readonly magnitudes: T;
  /** In the order of {@link SCALARS}. */
  readonly scalars: T;
  /** Sum of x x^T, [in, in]. */
  readonly hessian?: T;
}

/**
 * `uses`: inputs per token. The others are sums over tokens: `normed` of RMSNorm(x).x and `norm` of |RMSNorm(x)|^2, both
 * over `in`; `fourth` of the mean x^4; `peak` of the largest |x|; `zeros` and `rounded` of the shares.
 */
export const SCALARS = ['uses', 'normed', 'norm', 'fourth', 'peak', 'zeros', 'rounded'] as const;

/** Tokens with less than this share of 1/127 of the largest |x| are rounded to 0 by int8. */
const ROUNDED = 0.5 / 127;

export interface RecorderOptions {
  /** Matrices of which E[x x^T] is wanted. */
  readonly hessian: ReadonlySet<string>;
  /** Of the norm that gains are fitted for. */
  readonly epsilon: number;
}

/** Writes down what goes into matrices while a forward pass is traced. */
export class InputRecorder {
  private readonly sums = new Map<string, RecordedSums>();
  private readonly odd = new Set<string>();

  /** @param text float32 [B * T]: 1 where a position counts */
  constructor(
    private readonly text: Tensor1D,
    private readonly options: RecorderOptions,
  ) {}

  /** The parameters with every linear matrix writing down its inputs; they compute what they did. */
  bind(params: TensorMap, tensors: readonly TensorDescription[]): TensorMap {
    const bound: TensorMap = { ...params };
    for (const tensor of tensors) if (isRecorded(tensor)) bound[tensor.name] = this.recorded(tensor, params);
    return bound;
  }

  /** By `<matrix>/<sum>`; what is not there was not multiplied by. A matrix of `<matrix>/odd` cannot be told by tokens. */
  outputs(): Record<string, Tensor> {
    const outputs: Record<string, Tensor> = {};
    for (const name of this.odd) outputs[`${name}/odd`] = tf.ones([]);
    for (const [name, sums] of this.sums)
      if (!this.odd.has(name))
        for (const [key, sum] of Object.entries(sums) as [string, Tensor][]) outputs[`${name}/${key}`] = sum;
    return outputs;
  }

  private recorded({ name, layout }: TensorDescription, params: TensorMap): Tensor2D {
    const weight = params[name] as Tensor2D;
    const { multiply, rows } = operatorOf(weight);
    const own = tf.clone(weight);
    return withOperator(own, {
      ...(rows === undefined ? {} : { rows }),
      multiply: (x, matrix) => {
        this.record(name, x);
        return multiply?.(x, matrix) ?? tf.matMul(x, matrix, false, layout === 'out-in');
      },
    });
  }

  private record(name: string, x: Tensor2D): void {
    const times = x.shape[0] / this.text.shape[0];
    if (!Number.isInteger(times)) {
      this.odd.add(name);
      return;
    }
    const weight: Tensor1D = times === 1 ? this.text : tf.tile(this.text, [times]);
    const { hessian, epsilon } = this.options;
    const sums = sumsOf(x, weight, { uses: times, hessian: hessian.has(name), epsilon });
    const before = this.sums.get(name);
    this.sums.set(name, before === undefined ? sums : together(before, sums));
  }
}

/** Whether a tensor is a matrix whose inputs are written down. */
export function isRecorded({ linear, shape }: TensorDescription): boolean {
  return linear === true && shape.length === 2;
}

interface Summing {
  readonly uses: number;
  readonly hessian: boolean;
  readonly epsilon: number;
}

/** @param x [n, in] @param weight [n] */
function sumsOf(x: Tensor2D, weight: Tensor1D, { uses, hessian, epsilon }: Summing): RecordedSums {
  const column = tf.expandDims(weight, 1) as Tensor2D;
  const size = tf.abs(x);
  const square = tf.square(x);
  const tokenPeaks = tf.max(size, 1, true);
  const tokenPower = tf.mean(square, 1);
  const deviation = tf.sqrt(tf.add(tokenPower, epsilon));
  const total = (perToken: Tensor): Tensor => tf.sum(tf.mul(perToken, weight));
  const share = (of: Tensor): Tensor => total(tf.mean(tf.cast(of, 'float32'), 1));
  const scalars: Record<(typeof SCALARS)[number], Tensor> = {
    uses: tf.scalar(uses),
    normed: total(tf.div(tokenPower, deviation)),
    norm: total(tf.div(tokenPower, tf.square(deviation))),
    fourth: total(tf.mean(tf.square(square), 1)),
    peak: total(tf.squeeze(tokenPeaks, [1])),
    zeros: share(tf.equal(size, 0)),
    rounded: share(tf.lessEqual(size, tf.mul(tokenPeaks, ROUNDED))),
  };
  return {
    power: tf.sum(tf.mul(square, column), 0),
    peaks: tf.max(tf.mul(size, column), 0),
    magnitudes: magnitudeHistogram(size as Tensor2D, weight),
    scalars: tf.stack(SCALARS.map((name) => scalars[name])),
    ...(hessian ? { hessian: tf.matMul(tf.mul(x, column) as Tensor2D, x, true) } : {}),
  };
}

function together(a: RecordedSums, b: RecordedSums): RecordedSums {
  return {
    power: tf.add(a.power, b.power),
    peaks: tf.maximum(a.peaks, b.peaks),
    magnitudes: tf.add(a.magnitudes, b.magnitudes),
    scalars: tf.add(a.scalars, b.scalars),
    ...(a.hessian === undefined || b.hessian === undefined ? {} : { hessian: tf.add(a.hessian, b.hessian) }),
  };
}
