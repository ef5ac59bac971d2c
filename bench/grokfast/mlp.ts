import * as tf from '@tensorflow/tfjs';
import type { Tensor2D } from '@tensorflow/tfjs';
import { applyLinear, gelu, linearTensors, lookUp, normal, type Toy } from './toy.js';

export interface MlpShape {
  readonly prime: number;
  /** Width of the embedding of a number. */
  readonly embedding: number;
  /** Width of both hidden layers. */
  readonly hidden: number;
}

/** The embeddings of both numbers side by side, two hidden layers with GELU, a head. p = 47: 42,095 parameters. */
export function mlp({ prime, embedding, hidden }: MlpShape): Toy {
  const { ['head.weight']: head, ...headBias } = linearTensors('head', hidden, prime);
  return {
    tensors: {
      table: normal([prime, embedding]),
      ...linearTensors('first', 2 * embedding, hidden),
      ...linearTensors('second', hidden, hidden),
      'head.weight': { shape: head!.shape, init: head!.init },
      ...headBias,
    },
    logits: (params, a, b) => {
      const table = params['table'] as Tensor2D;
      const pair = tf.concat([lookUp(table, a), lookUp(table, b)], 1);
      const first = gelu(applyLinear(params, 'first', pair));
      const second = gelu(applyLinear(params, 'second', first));
      return applyLinear(params, 'head', second) as Tensor2D;
    },
  };
}
