/** Hyper-parameters by the name of a size; what a size leaves open is the default of the schema. */
export const SIZES = {
  /** 25,900,801 parameters: the reference, which the schema's defaults are. */
  '25m': {},
  /** 963,009 parameters: minutes of training on two cores, where less than one pass over the data needs no dropout. */
  '1m': {
    vocabularySize: 1024,
    contextLength: 256,
    dModel: 128,
    layers: 4,
    heads: 4,
    embeddingRank: 64,
    ffn: 256,
    window: 128,
    shortConvolution: 4,
    dMemory: 64,
    gateHidden: 64,
    dropout: 0,
    recursion: { steps: 3, microSteps: 1, crossWidth: 64, crossHeads: 2, gHidden: 64, hHidden: 96 },
  },
  /** Some 8,000 parameters: for unit tests, where a forward pass in plain JavaScript is quick. */
  micro: {
    vocabularySize: 48,
    contextLength: 32,
    dModel: 16,
    layers: 2,
    heads: 2,
    embeddingRank: 8,
    ffn: 24,
    window: 6,
    dMemory: 8,
    gateHidden: 8,
    dropout: 0,
    recursion: { steps: 2, microSteps: 1, crossWidth: 8, crossHeads: 2, gHidden: 8, hHidden: 8 },
  },
  /** 37,873 parameters: seconds, for tests. */
  tiny: {
    vocabularySize: 320,
    contextLength: 64,
    dModel: 32,
    layers: 2,
    heads: 2,
    embeddingRank: 16,
    ffn: 64,
    window: 32,
    dMemory: 16,
    gateHidden: 16,
    dropout: 0,
    recursion: { steps: 2, microSteps: 1, crossWidth: 16, crossHeads: 2, gHidden: 16, hHidden: 16 },
  },
} as const;

type Variants = Readonly<Record<string, Readonly<Record<string, number>>>>;

/**
 * Constants of the three documented specialists: how long memory lasts and what is written into it, for a context of
 * 2,048 tokens. Shapes are those of the model, or they could not be merged.
 */
const VARIANTS = {
  reasoning: { memoryCapacity: 4096, surprise: 0.7, novelty: 0.3 },
  memory_integration: { memoryCapacity: 8192, surprise: 0.5, novelty: 0.5 },
  adaptive_computation: { memoryCapacity: 2048, surprise: 0.3, novelty: 0.7 },
} as const satisfies Variants;

/**
 * In a context of 256 tokens all three documented capacities last longer than any text, and the three memories are the
 * same: these are a text, several of them and a sentence (measured in docs/learning-study.md).
 */
const SHORT_VARIANTS = {
  reasoning: { ...VARIANTS.reasoning, memoryCapacity: 128 },
  memory_integration: { ...VARIANTS.memory_integration, memoryCapacity: 1024 },
  adaptive_computation: { ...VARIANTS.adaptive_computation, memoryCapacity: 16 },
} as const satisfies Variants;

/** Constants of the specialists of a size. */
export function variantsOf(size: string | null): Variants {
  return size === '1m' ? SHORT_VARIANTS : VARIANTS;
}
