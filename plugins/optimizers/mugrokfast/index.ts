import { Type, type Static, type TSchema } from '@sinclair/typebox';
import type { TensorDescription } from '../../../core/contracts/architecture.js';
import { defineOptimizer, type Optimizer, type OptimizerInput } from '../../../core/contracts/optimizer.js';
import { muGrokfastState, muGrokfastUpdate } from '../../../nn/optim/index.js';
import { BASE, PRESETS, type MuGrokfastPreset, type PresetName } from './presets.js';

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
    klCoefficient: rate('Weight of the divergence from a reference model, for phases that have one'),
    ste: optional(Type.Boolean({ description: 'Train through quantised weights, in phases that quantise' })),
  },
  { additionalProperties: false },
);

/** Settings of a preset with the given fields laid over it. */
export function resolveSettings(options: Static<typeof Options>): MuGrokfastPreset {
  const { preset, ...overrides } = options;
  return { ...(preset === undefined ? BASE : PRESETS[preset]), ...overrides };
}

/** Grokfast-filtered gradients, Muon for hidden matrices, AdamW for the rest, QK-clip on the weights (spec 2). */
export const muGrokfast = defineOptimizer({
  name: 'mugrokfast',
  description: 'Muon for hidden matrices, AdamW for the rest, Grokfast gradient filter, QK-clip',
  options: Options,
  create: (options): Optimizer => {
    const settings = resolveSettings(options);
    return Object.freeze({
      learningRate: settings.muon ? settings.muonLr : settings.fallbackLr,
      requests: { klCoefficient: settings.klCoefficient, straightThrough: settings.ste },
      state: (tensors: readonly TensorDescription[]) => muGrokfastState(tensors, settings),
      update: (input: OptimizerInput) => muGrokfastUpdate(input, settings),
    });
  },
});
