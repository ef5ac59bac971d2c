import type { WriteRule } from '../../../nn/layers/index.js';

/**
 * The memory one token at a time, on plain numbers: m_t = lam m_{t-1} + (1 - lam) w_t c_t, with
 * w_t from surprise and novelty against the plain average of what came before.
 *
 * @returns m_t, one array per token
 */
export function recurrentMemory(
  content: readonly number[][],
  segments: readonly number[],
  decays: readonly number[],
  rule: WriteRule | null,
): number[][] {
  const width = content[0]!.length;
  const decayOf = (channel: number): number => decays[Math.floor((channel * decays.length) / width)]!;
  const zero = (): number[] => new Array<number>(width).fill(0);
  let [state, mean, errors, count] = [zero(), zero(), 0, 0];
  return content.map((c, t) => {
    if (t > 0 && segments[t] !== segments[t - 1]) [state, mean, errors, count] = [zero(), zero(), 0, 0];
    const error = c.reduce((sum, value, i) => sum + (value - mean[i]!) ** 2, 0);
    errors += error;
    count += 1;
    const weight = rule === null ? 1 : writeWeight(c, mean, error / (errors / count), rule);
    const blend = (before: number[], factor: number): number[] =>
      c.map((value, i) => decayOf(i) * before[i]! + (1 - decayOf(i)) * factor * value);
    state = blend(state, weight);
    mean = blend(mean, 1);
    return state;
  });
}

function writeWeight(
  c: readonly number[],
  mean: readonly number[],
  relativeError: number,
  rule: WriteRule,
): number {
  const length = (x: readonly number[]): number => Math.hypot(...x);
  const dot = c.reduce((sum, value, i) => sum + value * mean[i]!, 0);
  const cosine = length(mean) === 0 ? 0 : dot / (length(c) * length(mean));
  return Math.min(1, rule.surprise * Math.tanh(relativeError) + rule.novelty * (1 - cosine));
}
