import { defineDataset, type DataCategory, type DataRecord } from '../../../core/contracts/dataset.js';
import { byteBpe, cognate, muGrokfast, onnxruntime, titansMag } from '../../../plugins/index.js';
import { createTestKernel } from '../../../testing/index.js';
import { TINY_CONFIG, tinyCognate } from '../../support/tiny-cognate.js';

const tools = [onnxruntime({ threads: 1 }), titansMag(), muGrokfast(), byteBpe()];
const config = { seed: TINY_CONFIG.seed! };

function given(name: string, records: readonly DataRecord[], category: DataCategory = 'language') {
  return defineDataset({
    name,
    create: () => ({ category, synthetic: false, load: () => Promise.resolve(records) }),
  })();
}

async function open(sets: readonly ReturnType<typeof given>[], data: object = {}) {
  const datasets = sets.map(({ name }) => name);
  const options = tinyCognate({ data: { datasets, evaluationRows: 4, ...data } });
  return createTestKernel({ plugins: [...tools, ...sets], pipeline: [cognate(options)], config });
}

/** Run and say whether any step was trained. */
async function attempt(sets: readonly ReturnType<typeof given>[], data: object = {}) {
  const bench = await open(sets, data);
  let steps = 0;
  bench.kernel.hooks.onEvent.tap('steps', (event) => {
    if (event.type === 'metric' && event.name.endsWith('train/loss')) steps++;
  });
  const report = await bench.kernel.run();
  await bench.dispose();
  return { report, steps };
}

const question = (input: string, output: string): DataRecord => ({ text: input + output, input, output });
const story = Array.from({ length: 40 }, (_, i) => `Fox ${i} saw ${i + 3} hens.`).join(' ');

describe('data that cannot be split is told before anything is trained', () => {
  test.each<[string, readonly DataRecord[]]>([
    ['one question', [question('Say hello', ' hello')]],
    ['two questions', [question('a', ' b'), question('c', ' d')]],
    ['a hundred equal records', Array.from({ length: 100 }, () => ({ text: 'the same' }))],
    ['a text that repeats itself', [{ text: 'a'.repeat(1000) }]],
    ['empty texts', [{ text: '' }, { text: ' ' }]],
  ])('%s', async (_name, records) => {
    const { report, steps } = await attempt([given('mine', records)]);
    expect(report).toMatchObject({
      status: 'failed',
      error: { code: 'AF_DATA_TOO_SMALL', fix: expect.stringContaining('three different records') },
    });
    expect(steps).toBe(0);
  });
});

test('one text is cut by position, trained on and measured, and the report says so', async () => {
  const { report } = await attempt([
    given(
      'mine',
      Array.from({ length: 5 }, () => ({ text: story })),
    ),
  ]);
  expect(report.status).toBe('completed');
  const { metrics, handoff, warnings } = report.phases[0]!.result!;
  expect(metrics).toMatchObject({
    'records/mine/train': 1,
    'records/mine/held_out': 2,
    'records/mine/duplicates': 4,
    'held_out/reasoning': expect.any(Number),
  });
  expect(handoff!.data!.datasets).toMatchObject([
    { name: 'mine', records: { train: 1, held_out: 2, duplicates: 4 } },
  ]);
  expect(warnings).toEqual(
    expect.arrayContaining([
      expect.stringContaining('mine: 4 of 5 records repeat an earlier text'),
      expect.stringContaining('cut by position'),
    ]),
  );
});

test('records that share one instruction are trained on and held out', async () => {
  const shared = given(
    'shared',
    Array.from({ length: 60 }, (_, i) => question('Answer', ` story ${i}`)),
    'qa',
  );
  const { report } = await attempt([shared, given('other', [{ text: story }])]);
  const { metrics } = report.phases[0]!.result!;
  expect(metrics['records/shared/train']).toBeGreaterThan(40);
  expect(metrics['records/shared/held_out']).toBeGreaterThan(0);
  expect(metrics['held_out/reasoning/shared']).toEqual(expect.any(Number));
});

describe('a mix of data', () => {
  const set = given('mine', [{ text: story }]);

  test('what it does not name weighs nothing; a kind without data is told', async () => {
    const bench = await open([set], { trunkMix: { language: 1, code: 1 } });
    const plan = await bench.kernel.plan();
    expect(plan.problems).toEqual([]);
    expect(plan.warnings).toContainEqual(
      expect.stringMatching(/trunkMix: no dataset has data of the kind code/),
    );
    await bench.dispose();
  });

  test('a small share without data is for whatever there is: nobody is told', async () => {
    const bench = await open([set], { trunkMix: { language: 0.95, code: 0.05 } });
    const { warnings } = await bench.kernel.plan();
    expect(warnings.filter((warning) => warning.includes('trunkMix'))).toEqual([]);
    await bench.dispose();
  });

  test.each([
    [{ language: 0 }, 'every share is zero'],
    [{}, 'every share is zero'],
    [{ code: 1, math: 2 }, 'no dataset gives any data of these kinds'],
  ])('%j is refused', async (trunkMix, message) => {
    const bench = await open([set], { trunkMix });
    const { problems } = await bench.kernel.plan();
    expect(problems).toMatchObject([{ at: 'phases.cognate.data.trunkMix', message }]);
    await bench.dispose();
  });
});
