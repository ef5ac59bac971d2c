import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MERGE, SINK } from '../../core/contracts/index.js';
import { trimmedMean } from '../../examples/third-party-merge/trimmed-mean.js';
import { csv } from '../../examples/third-party-sink/csv.js';
import {
  implementationOf,
  mergeConformance,
  metricEvent,
  sinkConformance,
  withTemporaryFolder,
} from '../../testing/index.js';
import { testConformance } from '../support/conformance.js';

describe('the example merge conforms', () => {
  testConformance(mergeConformance(() => implementationOf(MERGE, trimmedMean())));
  testConformance(mergeConformance(() => implementationOf(MERGE, trimmedMean({ trim: 0 }))));

  test('it leaves out the extremes of each weight', async () => {
    const { merge } = await implementationOf(MERGE, trimmedMean());
    const models = [
      [1, 9],
      [2, -50],
      [3, 10],
      [1000, 11],
    ].map((values) => Float32Array.from(values));
    const input = {
      name: 'w',
      shape: [2],
      models,
      weights: [1, 1, 1, 1],
      parameters: {},
      modelParameters: [],
      random: { uniform: () => 0, normal: () => 0, integer: () => 0 },
    };
    expect([...merge(input)]).toEqual([2.5, 9.5]);
  });
});

describe('the example sink conforms', () => {
  testConformance(sinkConformance(() => implementationOf(SINK, csv())));

  test('it writes one quoted line per point', async () => {
    await withTemporaryFolder(async (root) => {
      const folder = join(root, 's');
      await mkdir(folder);
      const sink = await implementationOf(SINK, csv());
      await sink.open?.({ sessionId: 's', folder, config: {}, resumed: false });
      sink.write(metricEvent(NaN, { step: 3, time: 5 }));
      sink.write(metricEvent(null, { name: 'a,"b"', time: 6 }));
      await sink.close?.();
      const lines = (await readFile(join(folder, 'metrics.csv'), 'utf8')).split('\n');
      expect(lines).toEqual(['5,cognate,train/loss,3,NaN,nats', '6,cognate,"a,""b""",1,,nats', '']);
    });
  });
});
