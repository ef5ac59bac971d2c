import type { PhaseResult } from '../../../../core/contracts/phase.js';
import { BUILTIN_PLUGINS } from '../../../../plugins/catalogue.js';
import { bitnet } from '../../../../plugins/index.js';
import { handoffPhase, phaseConformance, tinyDataset, tinyWorked } from '../../../../testing/index.js';
import { testConformance } from '../../../support/conformance.js';
import { QUIET_CONFIG, TINY_RECOVERY, tinyBitnet } from '../../../support/tiny-bitnet.js';
import { benchOf } from './support.js';

/** A file of which the header is most has room for more bits where little is asked of it. */
const options = (when: 'always' | 'missed', perplexityRise = 0.1) =>
  tinyBitnet({
    recovery: { steps: 4, secondStage: null, training: TINY_RECOVERY, watchEvery: 2 },
    mixed: { when, ratio: 3, retune: 0.5 },
    gates: { compression: 3, perplexityRise },
  });

/** A run, with the work that it told of. */
async function ran(...given: Parameters<typeof options>) {
  const bench = await benchOf([handoffPhase('quietstar-to-bitnet'), bitnet(options(...given))]);
  try {
    const report = await bench.kernel.run();
    if (report.error !== null) throw report.error;
    const result: PhaseResult = report.phases.find(({ name }) => name === 'bitnet')!.result!;
    const tasks = bench.events.flatMap((event) => (event.type === 'progress' ? [event.task] : []));
    return { result, tasks: new Set(tasks), titles: result.tables!.map(({ title }) => title).join('\n') };
  } finally {
    await bench.dispose();
  }
}

test('more bits: every group is asked what it costs, and the file is as small as was asked for', async () => {
  const { result, tasks, titles } = await ran('always');
  expect([...tasks]).toEqual(expect.arrayContaining(['sensitivity', 'recovery', 'mixed']));
  expect(titles).toMatch(/loss that goes away with more bits/);
  expect(titles).toMatch(/formats for [\d,]+ of [\d,]+ bytes/);
  expect(result.metrics['compression/compression_ratio']).toBeGreaterThanOrEqual(3);
  const { formats } = result.models[0]!.config.quantization!;
  const uses = new Set(Object.values(formats).map(({ use }) => use));
  expect(['ternary', 'int4', 'int8']).toEqual(expect.arrayContaining([...uses]));
  const integrity = result.gates.filter((gate) => gate.class === 'integrity');
  expect(integrity.filter(({ passed }) => passed !== true)).toEqual([]);
});

test('more bits where the gates are missed: where they are not, nothing is asked', async () => {
  const { tasks, titles } = await ran('missed', 10);
  expect(tasks.has('recovery')).toBe(true);
  expect([tasks.has('sensitivity'), tasks.has('mixed')]).toEqual([false, false]);
  expect(titles).not.toMatch(/more bits/);
});

describe('bitnet with more bits conforms', () => {
  testConformance(
    phaseConformance(() => bitnet(options('always')), {
      before: [handoffPhase('quietstar-to-bitnet')],
      plugins: [tinyDataset(), tinyWorked()],
      builtins: BUILTIN_PLUGINS,
      config: QUIET_CONFIG,
      // While groups are asked, and between the two updates that follow.
      pauseAfter: [240, 285],
    }).filter(({ name }) => /^reports|pause/.test(name)),
  );
});
