import { byteBpe, cognate, muGrokfast, onnxruntime, titansMag } from '../../../plugins/index.js';
import { createTestKernel } from '../../../testing/index.js';
import { counting, sums, TINY_CONFIG, tinyCognate } from '../../support/tiny-cognate.js';

/** What a tiny phase 1 tells under `amp/`, by name. */
async function toldOf() {
  const options = tinyCognate();
  const bench = await createTestKernel({
    plugins: [
      ...[onnxruntime({ threads: 1 }), titansMag(), muGrokfast(), byteBpe()],
      ...[counting(), sums()],
    ],
    pipeline: [cognate(tinyCognate({ training: { ...options.training, amp: 'emulate-fp16' } }))],
    config: { seed: TINY_CONFIG.seed! },
  });
  try {
    const { error } = await bench.kernel.run();
    expect(error).toBeNull();
    const told: Record<string, unknown[]> = {};
    for (const event of bench.events)
      if (event.type === 'metric' && event.name.startsWith('amp/'))
        (told[event.name] ??= []).push(event.value);
    return told;
  } finally {
    await bench.dispose();
  }
}

test('a phase trains with half floats and says what became of the scale', async () => {
  const told = await toldOf();
  expect(Object.keys(told).sort()).toEqual([
    ...['amp/loss_scale', 'amp/overflow_count', 'amp/skipped_steps', 'amp/underflow_fraction'],
  ]);
  expect(told['amp/loss_scale']![0]).toBe(65536);
  expect(told['amp/skipped_steps']).toEqual(told['amp/overflow_count']);
  for (const share of told['amp/underflow_fraction'] as number[]) expect(share).toBeLessThan(0.5);
});
