import type { TextOptions } from '../../nn/generation/index.js';
import type { Command } from '../commander.js';
import { parseInteger, parseNumber } from '../config-flags.js';

/** How tokens are chosen, and how many. `--seed` here seeds the sampling, not the configuration. */
export interface SamplingFlags {
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly greedy?: boolean;
  readonly seed?: number;
}

/** @param defaults of what differs from command to command, for the help */
export function addSamplingFlags(
  command: Command,
  defaults: { readonly maxTokens: number; readonly temperature: string },
): Command {
  return command
    .option('--max-tokens <number>', `most tokens to write (default: ${defaults.maxTokens})`, parseInteger(1))
    .option(
      '--temperature <number>',
      `0 is greedy, 1 as trained (default: ${defaults.temperature})`,
      parseNumber(0, Infinity),
    )
    .option('--top-k <number>', 'only the k most likely tokens; 0 for all (default: 50)', parseInteger(0))
    .option(
      '--top-p <number>',
      'only the most likely tokens up to this probability (default: 0.95)',
      parseNumber(0, 1),
    )
    .option('--greedy', 'always the most likely token')
    .option('--seed <number>', 'the same seed writes the same text (default: 0)', parseInteger(0));
}

/** What was asked for; what was not is left out. */
export function samplingOptions(flags: SamplingFlags): Partial<TextOptions> {
  const { maxTokens, temperature, topK, topP, greedy, seed } = flags;
  const asked = {
    ...{ maxTokens, topP, seed },
    temperature: greedy === true ? 0 : temperature,
    topK: topK === 0 ? null : topK,
  };
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
}

/** Names with commas between. */
export function namesOf(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
