import { Value } from '@sinclair/typebox/value';
import { TitansMagSchema, type TitansMagConfig } from '../../plugins/models/titans-mag/config.js';

/** Hyper-parameters with defaults filled in, as the kernel's validation leaves them. */
export function titansMagSettings(overrides: Readonly<Record<string, unknown>> = {}): TitansMagConfig {
  const filled = Value.Default(TitansMagSchema, structuredClone(overrides));
  if (!Value.Check(TitansMagSchema, filled)) throw new Error(JSON.stringify([...Value.Errors(TitansMagSchema, filled)]));
  return filled;
}

/** A model small enough for the tfjs cpu backend. */
export function tinyTitansMag(overrides: Readonly<Record<string, unknown>> = {}): TitansMagConfig {
  const { recursion, ...others } = overrides as { recursion?: object };
  return titansMagSettings({
    vocabularySize: 40,
    contextLength: 32,
    dModel: 16,
    layers: 2,
    heads: 2,
    embeddingRank: 8,
    ffn: 24,
    window: 6,
    dMemory: 8,
    gateHidden: 12,
    memoryGroups: 4,
    recursion: { steps: 3, microSteps: 2, crossWidth: 8, crossHeads: 2, gHidden: 12, hHidden: 12, ...recursion },
    ...others,
  });
}
