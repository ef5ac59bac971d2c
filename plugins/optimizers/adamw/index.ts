import { Type } from '@sinclair/typebox';
import type { TensorDescription } from '../../../core/contracts/architecture.js';
import { defineOptimizer, type Optimizer, type OptimizerInput } from '../../../core/contracts/optimizer.js';
import { withDefault } from '../../../core/contracts/options.js';
import {
  muGrokfastRate,
  muGrokfastState,
  muGrokfastUpdate,
  type MuGrokfastSettings,
} from '../../../nn/optim/index.js';

const below1 = (description: string) => Type.Number({ minimum: 0, exclusiveMaximum: 1, description });

const Options = Type.Object(
  {
    learningRate: withDefault(Type.Number({ minimum: 0 }), 1e-3),
    beta1: withDefault(below1('First-moment decay'), 0.9),
    beta2: withDefault(below1('Second-moment decay'), 0.999),
    epsilon: withDefault(Type.Number({ exclusiveMinimum: 0 }), 1e-8),
    weightDecay: withDefault(Type.Number({ minimum: 0, description: 'Decoupled decay of matrices' }), 0.05),
  },
  { additionalProperties: false },
);

/** AdamW for every tensor: MuGrokfast with all its other parts off. */
export const adamW = defineOptimizer({
  name: 'adamw',
  description: 'AdamW with decoupled weight decay on matrices',
  options: Options,
  create: ({ learningRate, ...options }): Optimizer => {
    const settings: MuGrokfastSettings = {
      ...options,
      muon: false,
      muonLr: 0,
      fallbackLr: learningRate,
      filter: 'off',
      alpha: 0,
      lambda: 0,
      momentum: 0,
      nesterov: false,
      newtonSchulzSteps: 0,
      scale: 'jordan',
      qkClipThreshold: null,
    };
    return Object.freeze({
      learningRate,
      learningRateOf: (tensor: TensorDescription) => muGrokfastRate(tensor, settings),
      state: (tensors: readonly TensorDescription[]) => muGrokfastState(tensors, settings),
      update: (input: OptimizerInput) => muGrokfastUpdate(input, settings),
    });
  },
});
