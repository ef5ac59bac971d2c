import { run } from '../../bench/ternary.js';
import { titansMag } from '../../plugins/architectures/titans-mag/index.js';

test('a model in codes is timed beside the same in floats', async () => {
  const lines: string[] = [];
  const shape = { name: 'tiny', architecture: () => titansMag(), size: 'tiny' };
  const report = await run((line) => lines.push(line), [shape], [1], [[32, 48, 2]]);
  const { shapes, matrices } = report;
  const { fp32, packed, packed4 } = shapes['tiny']!.batches['batch1']!;
  // 37,873 parameters: an eighth and less of their bytes, but for what stays in floats.
  expect(fp32.weightBytes).toBe(4 * 37873);
  expect(packed.weightBytes).toBeLessThan(fp32.weightBytes / 3);
  expect(packed4.weightBytes).toBeLessThan(packed.weightBytes);
  expect(packed.carriedBytes).toBe(fp32.carriedBytes);
  expect(packed.decodeRatio).toBeCloseTo(packed.decodeTokensPerSecond / fp32.decodeTokensPerSecond, 6);
  expect(packed.prefillRatio).toBeCloseTo(packed.prefillTokensPerSecond / fp32.prefillTokensPerSecond, 6);
  // 48 rows of one block of 32 codes of 2 bits, and a scale each.
  expect(matrices['32x48']).toMatchObject({ packedBytes: 48 * (8 + 4) });
  expect(lines.length).toBe(5);
});
