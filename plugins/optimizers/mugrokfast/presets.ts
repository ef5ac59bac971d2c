import type { MuGrokfastSettings } from '../../../nn/optim/index.js';

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
} as const satisfies Partial<MuGrokfastSettings>;

/** Settings without a preset: the rates that go with Jordan's scale. */
export const BASE: MuGrokfastSettings = Object.freeze({
  ...shared,
  scale: 'jordan',
  muonLr: 0.01,
  fallbackLr: 1e-3,
  lambda: 2,
  qkClipThreshold: 30,
});

/** The phases that train. */
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
  phase3: { ...shared, muonLr: 5e-4, fallbackLr: 5e-4, lambda: 0.1, qkClipThreshold: 25 },
  phase5: { ...shared, muonLr: 1e-3, fallbackLr: 1e-3, lambda: 2, qkClipThreshold: 30 },
  phase6: { ...shared, muonLr: 1e-4, fallbackLr: 1e-4, lambda: 0.2, qkClipThreshold: 30 },
  phase7: { ...shared, muonLr: 5e-4, fallbackLr: 5e-4, lambda: 0.15, qkClipThreshold: 28 },
} satisfies Record<string, MuGrokfastSettings>);

export type PresetName = keyof typeof PRESETS;
