import { Type, type Static, type TSchema } from '@sinclair/typebox';
import type { TensorDescription } from '../../../core/contracts/architecture.js';
import { defineOptimizer, type Optimizer, type OptimizerInput } from '../../../core/contracts/optimizer.js';
import {
  muGrokfastRate,
  muGrokfastState,
  muGrokfastUpdate,
  type MuGrokfastSettings,
} from '../../../nn/optim/index.js';
import { BASE, PRESETS, type PresetName } from './presets.js';

const optional = <S extends TSchema>(schema: S) => Type.Optional(schema);
const rate = (description: string) => optional(Type.Number({ minimum: 0, description }));
const below1 = (description: string) =>
  optional(Type.Number({ minimum: 0, exclusiveMaximum: 1, description }));
const oneOf = <const T extends readonly string[]>(values: T, description: string) =>
  optional(
    Type.Union(
      values.map((value) => Type.Literal(value as T[number])),
      { description },
    ),
  );

/** A preset, and any of its fields overridden. */
const Options = Type.Object(
  {
    preset: oneOf(
      Object.keys(PRESETS) as PresetName[],
      'Settings of a phase; without one, the base settings',
    ),
    muon: optional(Type.Boolean({ description: 'false: AdamW for every tensor' })),
    muonLr: rate('Learning rate of hidden matrices'),
    fallbackLr: rate('Learning rate of everything else'),
    filter: oneOf(['lowpass', 'highpass', 'off'], 'Grokfast as published, its opposite, or none'),
    alpha: below1('Decay of the gradient average'),
    lambda: rate('Strength of the gradient average; 0 is off'),
    momentum: below1('Momentum of Muon'),
    nesterov: optional(Type.Boolean()),
    newtonSchulzSteps: optional(Type.Integer({ minimum: 1, maximum: 20 })),
    scale: oneOf(['jordan', 'moonlight'], 'Scale of the orthogonal update'),
    weightDecay: rate('Decoupled decay of matrices'),
    beta1: below1('First-moment decay of AdamW'),
    beta2: below1('Second-moment decay of AdamW'),
    epsilon: optional(Type.Number({ exclusiveMinimum: 0 })),
    qkClipThreshold: optional(
      Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()], {
        description: 'Largest attention score; null never clips',
      }),
    ),
  },
  { additionalProperties: false },
);

/** Settings of a preset with the given fields laid over it. */
export function resolveSettings(options: Static<typeof Options>): MuGrokfastSettings {
  const { preset, ...overrides } = options;
  return { ...(preset === undefined ? BASE : PRESETS[preset]), ...overrides };
}

/**
 * Grokfast-filtered gradients (Lee et al. 2024), Muon for hidden matrices (Jordan et al. 2024), AdamW for the rest
 * (Loshchilov and Hutter 2019), QK-clip on the weights (Kimi K2, 2025).
 */
export const muGrokfast = defineOptimizer({
  name: 'mugrokfast',
  description: 'Muon for hidden matrices, AdamW for the rest, Grokfast gradient filter, QK-clip',
  options: Options,
  create: (options): Optimizer => {
    const settings = resolveSettings(options);
    return Object.freeze({
      learningRate: settings.muon ? settings.muonLr : settings.fallbackLr,
      learningRateOf: (tensor: TensorDescription) => muGrokfastRate(tensor, settings),
      state: (tensors: readonly TensorDescription[]) => muGrokfastState(tensors, settings),
      update: (input: OptimizerInput) => muGrokfastUpdate(input, settings),
    });
  },
});
