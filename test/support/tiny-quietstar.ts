import { defineDataset, type DataRecord, type Dataset } from '../../core/contracts/dataset.js';
import type { OptionsInput } from '../../core/contracts/options.js';
import type { QuietstarOptions } from '../../plugins/phases/quietstar/options.js';

const STRATEGIES = ['chain-of-thought', 'self-doubt'] as const;

/** Sums of three digits with the working between question and answer: `count` records, no two alike. */
export function workedRecords(count: number): DataRecord[] {
  return Array.from({ length: count }, (_, i): DataRecord => {
    const [a, b, c] = [i % 10, Math.floor(i / 10) % 10, Math.floor(i / 100) % 10] as const;
    const strategy = STRATEGIES[i % 2]!;
    const input = `${a}+${b}+${c}=`;
    const output = ` ${a + b + c}`;
    const last = strategy === 'self-doubt' ? `<doubt>${a + b + c}` : `${a + b + c}`;
    const trace = `<think><step>${a + b}<step>${last}</think>`;
    const part = i % 5 === 4 ? 'new-range' : 'known';
    return { text: input + output, input, output, metadata: { trace, strategy, family: 'sums', part } };
  });
}

/** A reasoning dataset that needs no file and fits rows of 32 tokens. */
export const worked = defineDataset({
  name: 'worked',
  description: 'Sums of three digits with worked thoughts, for tests.',
  create: (): Dataset => ({
    category: 'math',
    synthetic: true,
    load: () => Promise.resolve(workedRecords(200)),
    grade: (record, answer) => answer.trim() === record.output?.trim(),
  }),
});

/** Options of a run of phase 3 that takes seconds on the tiny champion. */
export function tinyQuietstar(
  overrides: OptionsInput<typeof QuietstarOptions> = {},
): OptionsInput<typeof QuietstarOptions> {
  const training = {
    ...{ rows: 2, length: 24, accumulation: 1, warmupSteps: 1, emaDecay: 0.5 },
    ...{ evaluateEvery: 2, checkpointEvery: 2, earlyStop: null },
  };
  return {
    data: { datasets: ['worked'] },
    baking: { steps: 4, training },
    thoughts: { tokens: 2, talk: 2, samples: 2, positions: 2 },
    quiet: { steps: 2, training: { ...training, evaluateEvery: 1, checkpointEvery: 1 } },
    examination: {
      ...{ items: 8, furtherItems: 4, rows: 4, thoughtTokens: 4, answerTokens: 3 },
      ...{ hardRows: 2, resamples: 100 },
    },
    sample: { prompt: '1+1+1=', maxTokens: 3, temperature: 0.7 },
    ...overrides,
  };
}
