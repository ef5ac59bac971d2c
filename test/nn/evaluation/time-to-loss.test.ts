import fc from 'fast-check';
import { atLeast, exactly, timesToLoss, type LossPoint } from '../../../nn/evaluation/index.js';

/** Evaluations every ten updates, the model that came in first. @param pace seconds of an update */
const curve = (pace: number, ...losses: readonly number[]): LossPoint[] =>
  losses.map((loss, i) => ({ step: 10 * i, seconds: 10 * i * pace, loss }));

test('the target is the best loss of the baseline, and a run is there at its first evaluation at or below it', () => {
  const { target, arms } = timesToLoss(
    {
      // Its best is not its last: 1.0 at step 30, after 60 seconds.
      plain: curve(2, 3, 2, 1.5, 1, 1.1),
      // Exactly the target, at step 20 after 60 seconds.
      slower: curve(3, 3, 1.2, 1, 0.8, 0.7),
      // Step 10 after 15 seconds.
      sooner: curve(1.5, 3, 0.9, 0.8),
      // Step 40 after 80 seconds.
      later: curve(2, 3, 2.9, 2, 1.5, 0.99),
    },
    'plain',
  );
  expect(target).toBe(1);
  expect(arms).toEqual({
    plain: { steps: exactly(30), seconds: exactly(60), reduction: 0, mostReduction: 0, stepReduction: 0 },
    slower: {
      steps: exactly(20),
      seconds: exactly(60),
      reduction: 0,
      mostReduction: 0,
      stepReduction: 1 - 2 / 3,
    },
    sooner: {
      steps: exactly(10),
      seconds: exactly(15),
      reduction: 0.75,
      mostReduction: 0.75,
      stepReduction: 1 - 1 / 3,
    },
    later: {
      steps: exactly(40),
      seconds: exactly(80),
      reduction: 1 - 80 / 60,
      mostReduction: 1 - 80 / 60,
      stepReduction: 1 - 4 / 3,
    },
  });
});

test('a run that is never there took at least what was done, and has no reduction', () => {
  const { arms } = timesToLoss({ plain: curve(1, 3, 2, 1), never: curve(2, 3, 2, 1.001) }, 'plain');
  expect(arms['never']).toEqual({
    ...{ steps: atLeast(20), seconds: atLeast(40), reduction: null, stepReduction: null },
    // It was given 40 seconds, the baseline took 20: whenever it would have been there, it lost 20 and more.
    mostReduction: -1,
    reason: 'the target was not reached in 20 updates',
  });
});

test('a run that ended at once took at least nothing', () => {
  const { arms } = timesToLoss({ plain: curve(1, 3, 1), diverged: curve(1, 3), none: [] }, 'plain');
  for (const name of ['diverged', 'none'])
    expect(arms[name]).toMatchObject({ steps: atLeast(0), seconds: atLeast(0), reduction: null });
});

test('a baseline that only got worse is no measure: the model that came in is there without an update', () => {
  const { target, arms } = timesToLoss({ plain: curve(1, 1, 2, 1.5), other: curve(1, 1, 0.5) }, 'plain');
  expect(target).toBe(1.5);
  for (const arm of Object.values(arms)) {
    expect([arm.reduction, arm.mostReduction]).toEqual([null, null]);
    expect(arm.reason).toMatch(/never got below/);
  }
});

test('a baseline without an evaluation has no target', () => {
  const { target, arms } = timesToLoss({ plain: curve(1, 3), other: curve(1, 3, 2) }, 'plain');
  expect(target).toBeNull();
  expect(arms['other']).toMatchObject({ steps: atLeast(10), reduction: null });
  expect(arms['other']!.reason).toMatch(/never evaluated/);
});

test('what is no run cannot be the baseline', () => {
  expect(() => timesToLoss({ plain: [] }, 'plan')).toThrow(/plan is no run/);
});

const losses = fc.array(fc.double({ min: 0.01, max: 0.99, noNaN: true }), { minLength: 1, maxLength: 8 });

test('the baseline saves no time over itself, and a run at half its pace saves half', () => {
  fc.assert(
    fc.property(losses, (all) => {
      const { arms } = timesToLoss({ plain: curve(2, 1, ...all), halved: curve(1, 1, ...all) }, 'plain');
      expect(arms['plain']!.reduction).toBe(0);
      expect(arms['halved']).toMatchObject({ reduction: 0.5, stepReduction: 0 });
    }),
  );
});

test('whoever is never above another run is never later in updates', () => {
  fc.assert(
    fc.property(losses, losses, (all, gains) => {
      const better = all.map((loss, i) => loss * (gains[i % gains.length] ?? 1));
      const { arms } = timesToLoss({ plain: curve(1, 1, ...all), better: curve(1, 1, ...better) }, 'plain');
      expect(arms['better']!.stepReduction).toBeGreaterThanOrEqual(0);
    }),
  );
});
