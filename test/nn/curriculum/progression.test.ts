import { decideProgression, type LevelProgress, type Progression } from '../../../nn/curriculum/index.js';

const early: LevelProgress = { epoch: 1, accuracy: 0.6, mastered: 0.2, left: 0.8 };

test.each<[string, Partial<LevelProgress>, Progression]>([
  ['in the middle of it', {}, { action: 'continue' }],
  ['accurate enough', { accuracy: 0.8 }, { action: 'advance', reason: 'accuracy' }],
  ['not quite', { accuracy: 0.799 }, { action: 'continue' }],
  [
    'mastered, whatever the accuracy',
    { accuracy: 0.1, mastered: 0.95 },
    { action: 'advance', reason: 'mastered' },
  ],
  ['not quite mastered', { mastered: 0.949 }, { action: 'continue' }],
  ['at the last epoch', { epoch: 50 }, { action: 'advance', reason: 'epochs' }],
  ['one before', { epoch: 49 }, { action: 'continue' }],
  ['nothing left to train on', { left: 0.024 }, { action: 'advance', reason: 'items-left' }],
  ['little left', { left: 0.025 }, { action: 'continue' }],
  ['a wall at the last epoch', { epoch: 50, accuracy: 0.499 }, { action: 'stop', reason: 'hard-wall' }],
  ['no wall before', { epoch: 49, accuracy: 0.1 }, { action: 'continue' }],
  ['a wall, all parked', { left: 0, accuracy: 0.49 }, { action: 'stop', reason: 'hard-wall' }],
  ['on the wall', { epoch: 50, accuracy: 0.5 }, { action: 'advance', reason: 'epochs' }],
])('%s', (_, progress, expected) => {
  expect(decideProgression({ ...early, ...progress })).toEqual(expected);
});

test('thresholds are settings', () => {
  const settings = {
    advanceAccuracy: 0.9,
    advanceMastered: 1,
    wallAccuracy: 0.7,
    mostEpochs: 2,
    leastLeft: 0.9,
  };
  expect(decideProgression({ ...early, accuracy: 0.85 }, settings)).toEqual({
    action: 'advance',
    reason: 'items-left',
  });
  expect(decideProgression({ ...early, epoch: 2, left: 1 }, settings)).toEqual({
    action: 'stop',
    reason: 'hard-wall',
  });
});

test.each([{ accuracy: Number.NaN }, { mastered: 1.1 }, { left: -0.1 }])('%j is refused', (wrong) => {
  expect(() => decideProgression({ ...early, ...wrong })).toThrow(RangeError);
});
