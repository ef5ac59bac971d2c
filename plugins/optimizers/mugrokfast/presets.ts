import type { MuGrokfastSettings } from '../../../nn/optim/index.js';

/** A preset is an update rule and what it asks of the loss. */
export interface MuGrokfastPreset extends MuGrokfastSettings {
  /** Weight of KL(model || reference) in the loss; the phase that has a reference adds it. */
  readonly klCoefficient: number;
  /** Forward through quantised weights, update the full-precision ones; the phase that quantises does it. */
  readonly ste: boolean;
}

const shared = {
  muon: true,
  filter: 'lowpass',
  alpha: 0.98,
  momentum: 0.95,
  nesterov: true,
  newtonSchulzSteps: 5,
  scale: 'moonlight',
  weightDecay: 0,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  klCoefficient: 0,
  ste: false,
} as const satisfies Partial<MuGrokfastPreset>;

/** Settings without a preset: the rates that go with Jordan's scale. */
export const BASE: MuGrokfastPreset = Object.freeze({
  ...shared,
  scale: 'jordan',
  muonLr: 0.01,
  fallbackLr: 1e-3,
  lambda: 2,
  qkClipThreshold: 30,
});

/** The phases that train (spec 2.2). */
export const PRESETS = Object.freeze({
  phase1: {
    ...shared,
    muonLr: 1e-3,
    fallbackLr: 1e-3,
    lambda: 0.3,
    qkClipThreshold: 30,
    momentum: 0.9,
    newtonSchulzSteps: 3,
    weightDecay: 0.05,
  },
  phase3: { ...shared, muonLr: 5e-4, fallbackLr: 5e-4, lambda: 0.1, qkClipThreshold: 25, klCoefficient: 0.1 },
  phase5: { ...shared, muonLr: 1e-3, fallbackLr: 1e-3, lambda: 2, qkClipThreshold: 30, ste: true },
  phase6: { ...shared, muonLr: 1e-4, fallbackLr: 1e-4, lambda: 0.2, qkClipThreshold: 30 },
  phase7: {
    ...shared,
    muonLr: 5e-4,
    fallbackLr: 5e-4,
    lambda: 0.15,
    qkClipThreshold: 28,
    klCoefficient: 0.05,
  },
} satisfies Record<string, MuGrokfastPreset>);

export type PresetName = keyof typeof PRESETS;
