import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { trimmedMean } from '../../examples/third-party-merge/trimmed-mean.js';
import { weightReport } from '../../examples/third-party-phase/weight-report.js';
import { csv } from '../../examples/third-party-sink/csv.js';
import { MERGE } from '../../core/contracts/index.js';
import { createTestKernel, phaseConformance, tinyModels } from '../../testing/index.js';
import { testConformance } from '../support/conformance.js';

describe('the example phase conforms', () => {
  testConformance(phaseConformance(() => weightReport(), { before: [tinyModels()] }));
});

test('all examples in one pipeline', async () => {
  const { kernel, events, dispose } = await createTestKernel({
    plugins: [trimmedMean({ trim: 0 }), csv()],
    pipeline: [tinyModels(), weightReport()],
  });
  try {
    const report = await kernel.run();
    expect(report.status).toBe('completed');
    const [made, measured] = report.phases.map((phase) => phase.result!);
    expect(measured!.handoff!.models).toEqual(made!.models);
    expect(measured!.gates.every((gate) => gate.passed)).toBe(true);
    // Weights are drawn with standard deviation 0.02 and moved by 0.002.
    expect(measured!.metrics['reasoning/rms']).toBeGreaterThan(0.01);
    expect(measured!.metrics['reasoning/rms']).toBeLessThan(0.03);
    expect(kernel.names(MERGE)).toContain('trimmed-mean');
    const lines = (await readFile(join(report.folder, 'metrics.csv'), 'utf8')).trim().split('\n');
    expect(lines.filter((line) => line.includes(',weights/rms,'))).toHaveLength(3);
    expect(lines.filter((line) => line.includes('phase/num_models_created'))).toHaveLength(3);
    const zeros = events.filter((event) => event.type === 'metric' && event.name === 'weights/zeros');
    expect(zeros).toMatchObject(Array.from({ length: 3 }, () => ({ unit: 'fraction' })));
    const told = events.filter((event) => event.type === 'lifecycle' && event.event === 'weights-measured');
    expect(told).toMatchObject(Array.from({ length: 3 }, () => ({ phase: 'weight-report' })));
  } finally {
    await dispose();
  }
});
