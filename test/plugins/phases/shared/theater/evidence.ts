import { answerInArms, sampleThoughts } from '../../../../../nn/evaluation/index.js';
import type { TheaterEvidence } from '../../../../../plugins/phases/shared/theater/index.js';
import { ARM_OPTIONS, sumItems, sumOf, thinkerWriter, type Thinker } from '../../../../support/thinkers.js';

/**
 * What the tests ask for of a thinker made by hand. Coherence of a thought: share of its ids that have to do with the
 * question (both numbers and the sum). Utility: what the answer's log-odds gain by it, where a right answer has odds of
 * 9 to 1 and a wrong one of 1 to 9.
 *
 * @param outputVariance of the answers that are given, which stands for that of logits: 0 for who always says the same
 */
export async function evidenceOf(thinker: Thinker, count = 500): Promise<Required<TheaterEvidence>> {
  const items = sumItems(count);
  const writer = thinkerWriter(thinker);
  const arms = await answerInArms(writer, items, ARM_OPTIONS);
  const prompts = items.map(({ promptIds }) => promptIds);
  const samples = await sampleThoughts(writer, prompts.slice(0, 50), 4, ARM_OPTIONS);
  // Own thoughts and those of others: some help, some do not.
  const thoughts = [...arms.arms.with!, ...arms.arms.other!].map((answer, i) => {
    const item = i % count;
    const [a, b] = prompts[item] as [number, number];
    const wanted = new Set([a, b, sumOf(a, b)].map(String));
    const ids = (answer.thought ?? '').split(' ').filter((id) => id !== '');
    const coherence = ids.length === 0 ? 0 : ids.filter((id) => wanted.has(id)).length / ids.length;
    const without = arms.arms.without![item]!.right;
    return {
      coherence,
      correct: answer.right,
      utility: Math.log(9) * (Number(answer.right) - Number(without)) * 2,
    };
  });
  return {
    arms,
    samples: samples.map((own) => own!),
    utility: thoughts,
    correctness: thoughts,
    outputVariance: varianceOf(arms.arms.with!.map(({ answer }) => Number(answer))),
  };
}

function varianceOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}
