import { problemsError, type Problem } from '../../../core/errors/index.js';
import type { TensorChoice } from './choices.js';

/** How large a model may be. */
export interface SizeCap {
  /** Most bytes, of everything. */
  readonly bytes: number;
  /** Of these, what is not weights: headers, tokenizer. Default 0. */
  readonly overhead?: number;
}

const LARGEST = 3;

/** Bytes of the weights where every tensor has the first of its formats. */
export function leastBytes(choices: readonly TensorChoice[]): number {
  return choices.reduce((sum, { options }) => sum + options[0]!.bytes, 0);
}

/**
 * Whether a model can be made small enough; known before anything is trained.
 * @param at config path of the cap
 */
export function capProblems(
  choices: readonly TensorChoice[],
  { bytes: cap, overhead = 0 }: SizeCap,
  at: string,
): Problem[] {
  const least = leastBytes(choices) + overhead;
  if (least <= cap) return [];
  const largest = [...choices]
    .sort((a, b) => b.options[0]!.bytes - a.options[0]!.bytes)
    .slice(0, LARGEST)
    .map(({ tensor, options: [first] }) => {
      const share = ((100 * first!.bytes) / least).toFixed(1);
      return `${tensor.name} in ${first!.format} ${counted(first!.bytes)} (${share} %)`;
    });
  return [
    {
      at,
      message: `cannot be met: with everything as small as it may be the model takes ${counted(least)} bytes, most of them ${largest.join(', ')}`,
      expected: `at least ${counted(least)} bytes`,
      found: counted(cap),
      fix: `Allow ${counted(least)} bytes, ask for smaller formats of the largest tensors, or make a model with smaller ones.`,
    },
  ];
}

/** @throws ForgeError AF_CONFIG_INVALID with the least size, the cap and what takes most */
export function requireCap(choices: readonly TensorChoice[], cap: SizeCap, at: string): void {
  const problems = capProblems(choices, cap, at);
  if (problems.length > 0)
    throw problemsError('AF_CONFIG_INVALID', 'The size of the model', problems, problems[0]!.fix!);
}

function counted(count: number): string {
  return count.toLocaleString('en-US');
}
