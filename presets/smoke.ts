import type { ForgeConfig } from '../core/contracts/config.js';
import type { BuiltinPhases } from '../plugins/catalogue.js';
import { reasoning } from '../plugins/datasets/index.js';
import { quickstart } from './quickstart.js';

export interface SmokeOptions {
  readonly seed?: number;
  /** Options of the cognate phase, laid over those of the preset. */
  readonly cognate?: BuiltinPhases['cognate'];
  /** Options of the evomerge phase, laid over those of the preset. */
  readonly evomerge?: BuiltinPhases['evomerge'];
  /** Options of the quietstar phase, laid over those of the preset. */
  readonly quietstar?: BuiltinPhases['quietstar'];
  /** Options of the bitnet phase, laid over those of the preset. */
  readonly bitnet?: BuiltinPhases['bitnet'];
  /** Options of the curriculum phase, laid over those of the preset. */
  readonly curriculum?: BuiltinPhases['curriculum'];
  /** Options of the baking phase, laid over those of the preset. */
  readonly baking?: BuiltinPhases['baking'];
}

/**
 * The whole pipeline of the quickstart in less than a minute on two cores, for tests of plugins and for CI: models of
 * 38,000 parameters, 30 updates, three generations. Everything is trained and measured as always; most targets are
 * missed, and said to be.
 */
export function smoke(options: SmokeOptions = {}): ForgeConfig {
  return {
    extends: [quickstart(), SMALL],
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    phases: {
      cognate: { ...options.cognate },
      evomerge: { ...options.evomerge },
      quietstar: { ...options.quietstar },
      bitnet: { ...options.bitnet },
      curriculum: { ...options.curriculum },
      baking: { ...options.baking },
    },
  };
}

/** What is small; everything else is the quickstart's. */
const SMALL: ForgeConfig = {
  // Problems that fit a context of 64 tokens, thoughts and all.
  plugins: [
    reasoning({
      count: 400,
      families: ['arithmetic'],
      strategies: ['chain-of-thought'],
      parts: { known: 1, 'new-range': 0, 'new-family': 0 },
      largest: 4,
      steps: 2,
    }),
  ],
  phases: {
    cognate: {
      // Manuals and personas of the sixth phase are long in so small a vocabulary.
      model: { size: 'tiny', hyperparameters: { contextLength: 320 } },
      tokenizer: { vocabularySize: 320, maxCharacters: 100_000 },
      data: { datasets: ['stories', 'arithmetic'], evaluationRows: 4 },
      training: {
        rows: 8,
        length: 64,
        warmupSteps: 4,
        emaDecay: 0.9,
        evaluateEvery: 10,
        // Often: a run that is killed at any moment has something to go on from.
        checkpointEvery: 5,
      },
      maxSteps: 30,
      fisherBatches: 4,
      probeRows: 8,
      sample: { maxTokens: 20 },
    },
    evomerge: {
      generations: 3,
      evaluation: { selection: 2_000, holdout: 2_000, rows: 8, length: 64 },
      generation: { records: 4, rows: 4, maxTokens: 12 },
      sample: { maxTokens: 20 },
    },
    quietstar: {
      baking: { steps: 6, training: { rows: 4, length: 64, warmupSteps: 1, checkpointEvery: 3, stages: [] } },
      thoughts: { tokens: 4, talk: 2, samples: 2, positions: 2 },
      quiet: { steps: 2, training: { rows: 2, length: 48, warmupSteps: 1, checkpointEvery: 1 } },
      examination: { items: 8, furtherItems: 0, rows: 8, thoughtTokens: 8, answerTokens: 6, hardRows: 2 },
    },
    bitnet: {
      formats: { smallest: 512 },
      calibration: { sequences: 16, rows: 4 },
      recovery: {
        steps: 6,
        optimizer: { use: 'mugrokfast', options: { preset: 'phase5' } },
        training: {
          rows: 4,
          length: 64,
          accumulation: 1,
          warmupSteps: 1,
          evaluateEvery: 3,
          checkpointEvery: 2,
        },
        watchEvery: 2,
      },
      // Of a model of 40,000 parameters the names of its tensors are a third of the file.
      mixed: { when: 'never' },
      evaluation: { selection: 2_000, holdout: 2_000 },
      examination: { items: 8, rows: 8, answerTokens: 6 },
      sample: { maxTokens: 20 },
    },
    curriculum: {
      data: { samples: 50 },
      tasks: { generators: ['arithmetic-tasks'] },
      assessment: { questions: 8, grid: 2, refinements: [10] },
      forge: {
        steps: 6,
        optimizer: { use: 'mugrokfast', options: { preset: 'phase5' } },
        training: {
          rows: 4,
          length: 64,
          accumulation: 1,
          stages: [],
          warmupSteps: 1,
          evaluateEvery: 3,
          checkpointEvery: 2,
        },
        watchEvery: 2,
      },
      levels: { items: 8, heldOut: 8, epochs: 2, variants: 1, wall: 0 },
      consolidation: { steps: 2 },
      evaluation: { selection: 2_000, holdout: 2_000 },
      examination: { items: 8, toolItems: 4, plainItems: 4, rows: 8, answerTokens: 6, taskTokens: 12 },
      sample: { maxTokens: 20 },
    },
    baking: {
      plain: ['arithmetic-tasks/sum'],
      bake: { training: { rows: 4, length: 192, warmupSteps: 1, checkpointEvery: 2, stages: [] } },
      trajectories: { perQuestion: 1, keep: 'all' },
      // A model that can do nothing is refused nothing: everything is to run.
      tools: { questions: 4, heldOut: 2, steps: 2, leastPrompted: 0, leastGain: 0 },
      personas: {
        ...{ use: ['helpful', 'precise'], questions: 4, heldOut: 2, steps: 2, leastPrompted: 0 },
        lessons: {
          steps: 4,
          training: { rows: 4, length: 192, warmupSteps: 1, checkpointEvery: 2, stages: [] },
        },
      },
      cycles: { most: 0 },
      evaluation: { selection: 2_000, holdout: 2_000 },
      examination: {
        ...{
          toolItems: 4,
          plainItems: 4,
          personaItems: 4,
          listItems: 4,
          fadingItems: 2,
          conversations: 1,
          turns: 3,
        },
        ...{ latencyItems: 2, thoughtItems: 8, rows: 8, answerTokens: 6, taskTokens: 12 },
      },
      sample: { maxTokens: 20 },
    },
  },
};
