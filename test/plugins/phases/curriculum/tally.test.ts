import type { StepResult } from '../../../../nn/training/index.js';
import { StepTally } from '../../../../plugins/phases/curriculum/tally.js';

const step = (changes: Partial<StepResult> = {}): StepResult => ({
  ...{ loss: 1, crossEntropy: 1, accuracy: 0.5, gradNorm: 2, skipped: false, metrics: {} },
  ...changes,
});

test('updates are added up; a skipped one counts as skipped alone', () => {
  const times = [0, 10, 25, 1000];
  const tally = new StepTally(() => times.shift()!);
  tally.observe(step({ accuracy: 0.2, metrics: { 'optim/qk_clip_count': 1 } }), 64);
  tally.observe(step({ accuracy: 0.6, metrics: { 'optim/qk_clip_count': 2 } }), 64);
  tally.observe(step({ accuracy: Number.NaN, skipped: true }), 64);
  tally.observe(step({ accuracy: 0.4, gradNorm: 3, metrics: { 'optim/ortho_error': 0.1 } }), 64);
  const values = tally.values();
  expect(values['train/accuracy']).toBeCloseTo(0.4, 10);
  // 10, 15 and a pause of 975
  expect(values).toMatchObject({
    ...{ 'system/time_per_step_ms': 15, 'train/gradient_norm': 3, 'data/tokens_seen': 256 },
    ...{ 'amp/skipped_steps': 1, 'qkclip/activations': 3, 'muon/ortho_error': 0.1 },
    ...{ 'grokfast/ema_norm': null, 'amp/loss_scale': null },
  });
});

test('nothing is known where there was no update', () => {
  expect(new Set(Object.values(new StepTally().values()))).toEqual(new Set([null]));
});
