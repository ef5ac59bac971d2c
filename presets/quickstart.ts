import { namedLayer, type ForgeConfig } from '../core/contracts/config.js';
import type { BuiltinPhases } from '../plugins/catalogue.js';
import { arithmetic, reasoning, toolCalls, wordProblems } from '../plugins/datasets/index.js';
import { arithmeticTasks, wordProblemTasks } from '../plugins/generators/index.js';
import { SPECIALIZATIONS, type Specialization } from '../plugins/phases/cognate/options.js';

export interface QuickstartOptions {
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
 * Three models of about a million parameters, trained on generated text in minutes on two cores, merged by evolution; the
 * merged one learns to think before it answers, its weights become ternary, it learns to use tools, level by level, and then
 * to do so without their manuals and to answer in the manner that one asks for.
 */
export function quickstart(options: QuickstartOptions = {}): ForgeConfig {
  return {
    extends: [BASE],
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

/** Right for a few hundred updates of a small model, not for a long run; measured in docs/learning-study.md. */
const OPTIMIZER = {
  use: 'mugrokfast',
  options: {
    preset: 'phase1',
    muonLr: 0.01,
    fallbackLr: 0.006,
    momentum: 0.7,
    newtonSchulzSteps: 5,
    lambda: 0,
  },
} as const;

const BASE: ForgeConfig = namedLayer('preset quickstart', {
  // As hard as a model of a million parameters can learn in a minute.
  plugins: [
    arithmetic({ digits: 2 }),
    wordProblems({ largest: 20, events: 2 }),
    toolCalls({ largest: 99 }),
    // What needs steps and can be learnt in half a minute: measured in docs/quietstar.md.
    reasoning({
      families: ['arithmetic', 'word-problems', 'code'],
      strategies: ['chain-of-thought', 'self-doubt'],
      largest: 5,
      steps: 3,
    }),
    // From what the model knows before to what it may learn in a minute.
    arithmeticTasks({ largest: 9, fewest: 2, steps: 4 }),
    wordProblemTasks({ largest: 9, fewest: 2, steps: 4 }),
  ],
  pipeline: ['cognate', 'evomerge', 'quietstar', 'bitnet', 'curriculum', 'baking'],
  phases: {
    cognate: {
      model: { architecture: 'titans-mag', size: '1m' },
      tokenizer: { vocabularySize: 1024 },
      optimizer: OPTIMIZER,
      data: { trunkMix: { language: 0.3, math: 0.3, qa: 0.1, code: 0.25, commonsense: 0.05 } },
      training: {
        rows: 8,
        length: 128,
        accumulation: 1,
        // The first recursion step alone learns faster; the branches learn the others.
        stages: [{ until: 0.75, steps: 1 }],
        schedule: 'linear',
        floor: 0,
        warmupSteps: 10,
        emaDecay: 0.95,
        evaluateEvery: 75,
        checkpointEvery: 75,
      },
      maxSteps: 900,
      trunkFraction: 0.75,
      specializations: [
        specialization('reasoning', { math: 0.6, qa: 0.2, code: 0.1, language: 0.05, commonsense: 0.05 }),
        specialization('memory_integration', {
          language: 0.7,
          qa: 0.15,
          math: 0.05,
          code: 0.05,
          commonsense: 0.05,
        }),
        specialization('adaptive_computation', {
          code: 0.65,
          commonsense: 0.05,
          math: 0.2,
          qa: 0.05,
          language: 0.05,
        }),
      ],
      fisherBatches: 16,
      probeRows: 32,
      sample: { prompt: 'Once upon a time', maxTokens: 60, temperature: 0.7 },
    },
    evomerge: {
      // Few enough tokens that fifty generations take a minute or two, three on a slow machine.
      evaluation: { selection: 7_000, holdout: 33_000, rows: 16, length: 256 },
      generation: { records: 16, rows: 16, maxTokens: 48 },
      sample: { prompt: 'Once upon a time', maxTokens: 60, temperature: 0.7 },
    },
    quietstar: {
      // Much of what the champion knows again, and rates below those it was made with: it forgets less.
      data: { replay: 0.4, direct: 0.08 },
      baking: {
        steps: 330,
        training: {
          rows: 8,
          length: 128,
          accumulation: 1,
          stages: [{ until: 0.92, steps: 1 }],
          schedule: 'linear',
          floor: 0,
          warmupSteps: 10,
          emaDecay: 0.95,
          evaluateEvery: 100,
          checkpointEvery: 100,
          earlyStop: null,
        },
        optimizer: { ...OPTIMIZER, options: { ...OPTIMIZER.options, muonLr: 0.006, fallbackLr: 0.0036 } },
      },
      // Whole thoughts, before answers, judged by the answer: rewards of other places cost right answers in so few updates.
      thoughts: { tokens: 32, talk: 5, samples: 4, positions: 2, at: 'answers', exploration: 0 },
      quiet: {
        steps: 12,
        ...{ replay: 0, mixing: 'none', baseWeight: 0.05, talkWeight: 0.1 },
        optimizer: {
          ...OPTIMIZER,
          options: { ...OPTIMIZER.options, preset: 'phase3', muonLr: 0.0001, fallbackLr: 0.0001 },
        },
        training: {
          rows: 4,
          length: 128,
          accumulation: 1,
          schedule: 'linear',
          floor: 0,
          warmupSteps: 2,
          emaDecay: 0.8,
          evaluateEvery: 100,
          checkpointEvery: 12,
          earlyStop: null,
        },
      },
      examination: { items: 500, furtherItems: 60, rows: 32, thoughtTokens: 48, answerTokens: 8 },
    },
    bitnet: {
      data: { thoughts: 0.5, direct: 0.05 },
      // As the codes are multiplied with: what is trained runs to the bit of a rounding as it was trained.
      formats: { smallest: 4096, activations: 'int8-block' },
      calibration: { sequences: 128, rows: 8 },
      recovery: {
        steps: 300,
        optimizer: { ...OPTIMIZER, options: { ...OPTIMIZER.options, muonLr: 0.006, fallbackLr: 0.0036 } },
        training: {
          rows: 8,
          length: 128,
          accumulation: 1,
          stages: [{ until: 0.92, steps: 1 }],
          schedule: 'linear',
          floor: 0,
          warmupSteps: 10,
          emaDecay: 0.9,
          evaluateEvery: 100,
          checkpointEvery: 100,
        },
      },
      evaluation: { selection: 7_000, holdout: 33_000 },
      examination: { items: 500, rows: 32, answerTokens: 8 },
      sample: { prompt: 'Once upon a time', maxTokens: 60, temperature: 0.7 },
    },
    curriculum: {
      data: { thoughts: 0.12, replay: 0.35 },
      tools: { share: 0.65, aside: 0.3 },
      tasks: { generators: ['arithmetic-tasks/sum', 'word-problem-tasks/events'] },
      assessment: { grid: 5, refinements: [10, 4] },
      forge: {
        steps: 500,
        optimizer: { ...OPTIMIZER, options: { ...OPTIMIZER.options, muonLr: 0.006, fallbackLr: 0.0036 } },
        training: {
          rows: 8,
          length: 128,
          accumulation: 1,
          stages: [{ until: 0.92, steps: 1 }],
          schedule: 'linear',
          floor: 0.3,
          warmupSteps: 10,
          emaDecay: 0.9,
          evaluateEvery: 1000,
          checkpointEvery: 100,
        },
      },
      levels: { items: 48, heldOut: 32, epochs: 1, variants: 4, remeasureEvery: 5 },
      // Falling to 0, these updates are where the most is kept: measured in docs/curriculum.md.
      consolidation: { steps: 300 },
      evaluation: { selection: 7_000, holdout: 33_000 },
      examination: { items: 200, toolItems: 50, plainItems: 60, rows: 32, answerTokens: 8, taskTokens: 56 },
      sample: { prompt: 'Once upon a time', maxTokens: 60, temperature: 0.7 },
    },
    baking: {
      plain: ['word-problem-tasks/events'],
      bake: {
        // All at once: one after the other costs each what the next one takes, measured in docs/baking.md.
        ...{ options: { train: 'all' }, order: 'together', strength: 'full', keep: 0.35 },
        training: {
          rows: 16,
          length: 96,
          accumulation: 1,
          warmupSteps: 5,
          emaDecay: 0.9,
          checkpointEvery: 100,
        },
        optimizer: { ...OPTIMIZER, options: { ...OPTIMIZER.options, muonLr: 0.003, fallbackLr: 0.0018 } },
      },
      trajectories: { perQuestion: 2, temperatures: [0, 1] },
      tools: { questions: 120, heldOut: 32, steps: 24 },
      personas: {
        // In the weights themselves: what later phases make of them keeps it.
        ...{ switching: 'trigger', questions: 100, heldOut: 32, steps: 32 },
        lessons: {
          steps: 240,
          training: {
            ...{
              rows: 12,
              length: 160,
              accumulation: 1,
              warmupSteps: 5,
              emaDecay: 0.9,
              checkpointEvery: 100,
            },
            stages: [{ until: 0.85, steps: 1 }],
          },
          optimizer: { ...OPTIMIZER, options: { ...OPTIMIZER.options, muonLr: 0.006, fallbackLr: 0.0036 } },
        },
      },
      cycles: { most: 2, items: 60, steps: 15 },
      evaluation: { selection: 7_000, holdout: 33_000 },
      examination: {
        ...{ toolItems: 200, plainItems: 200, personaItems: 60, listItems: 50, fadingItems: 20 },
        ...{
          conversations: 4,
          turns: 30,
          thoughtItems: 200,
          latencyItems: 8,
          answerTokens: 8,
          taskTokens: 64,
        },
      },
      sample: { prompt: 'Once upon a time', maxTokens: 60, temperature: 0.7 },
    },
  },
});

/** A documented specialist on data of its own kind: three models that are good at different things have more to merge. */
function specialization(name: string, mix: Specialization['mix']): Specialization {
  return { ...SPECIALIZATIONS.find((one) => one.name === name)!, mix };
}
