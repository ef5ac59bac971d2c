import { learnToThink } from '../../../../plugins/phases/quietstar/quiet.js';
import { step1 } from './step-1.js';

test('step 2 counts the thoughts that it drew', async () => {
  const { thoughts, updates, told } = await step1({ steps: 2, control: false }, async (step) => {
    const quiet = await learnToThink(step.run, step.baked.thinker, () => 0);
    return { ...quiet, told: step.metrics.get('rl/num_thoughts') as number[] };
  });
  expect(updates).toBe(2);
  expect(told).toHaveLength(2);
  expect(thoughts).toBe(told[0]! + told[1]!);
  expect(thoughts).toBeGreaterThan(0);
});
