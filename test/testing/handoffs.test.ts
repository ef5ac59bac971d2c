import { Ajv } from 'ajv';
import {
  loadHandoffSchema,
  MERGE,
  type Handoff,
  type ModelRef,
  type TensorDict,
} from '../../core/contracts/index.js';
import { defaultParameters } from '../../nn/merging/parameters.js';
import { stream } from '../../nn/random/index.js';
import { BUILTIN_PLUGINS } from '../../plugins/catalogue.js';
import { bitnet, cognate, curriculum, evomerge, linear, quietstar } from '../../plugins/index.js';
import {
  createTestKernel,
  handoffPhase,
  implementationOf,
  memoryStore,
  tinyChampion,
  tinyDataset,
  tinyHandoff,
  tinyWorked,
  type HandoffName,
} from '../../testing/index.js';
import { TINY_RECOVERY, tinyBitnet } from '../support/tiny-bitnet.js';
import { TINY_CONFIG, tinyCognate } from '../support/tiny-cognate.js';
import { TINY_FORGE, tinyCurriculum } from '../support/tiny-curriculum.js';
import { tinyEvomerge } from '../support/tiny-evomerge.js';
import { tinyQuietstar } from '../support/tiny-quietstar.js';

const NAMES = [
  ...(['cognate-to-evomerge', 'evomerge-to-quietstar', 'quietstar-to-bitnet'] as const),
  ...(['bitnet-to-curriculum', 'curriculum-to-baking'] as const),
];

/** What the real phases hand on, from as small a run as can be. */
async function realHandoffs(): Promise<Record<HandoffName, Handoff>> {
  const data = { datasets: ['tiny'], holdout: 0.4, evaluationRows: 2 };
  const { baking, quiet } = tinyQuietstar();
  const { kernel, dispose } = await createTestKernel({
    builtins: BUILTIN_PLUGINS,
    plugins: [tinyDataset(), tinyWorked()],
    pipeline: [
      cognate(tinyCognate({ data, maxSteps: 2 })),
      evomerge(tinyEvomerge({ generations: 1 })),
      quietstar(
        tinyQuietstar({ baking: { ...baking, steps: 1, control: false }, quiet: { ...quiet, steps: 0 } }),
      ),
      bitnet(tinyBitnet({ recovery: { steps: 0, training: TINY_RECOVERY } })),
      // Its first level is a wall.
      curriculum(
        tinyCurriculum({
          tools: { generator: 'tool-tasks' },
          forge: { steps: 0, training: TINY_FORGE },
          levels: { items: 2, heldOut: 2, epochs: 1 },
          consolidation: { steps: 0 },
        }),
      ),
    ],
    config: { ...TINY_CONFIG, sinks: [] },
  });
  try {
    const report = await kernel.run();
    if (report.error !== null) throw report.error;
    const [first, second, third, fourth, fifth] = report.phases.map(({ result }) => result!.handoff!);
    return {
      ...{ 'cognate-to-evomerge': first!, 'evomerge-to-quietstar': second! },
      ...{ 'quietstar-to-bitnet': third!, 'bitnet-to-curriculum': fourth! },
      'curriculum-to-baking': fifth!,
    };
  } finally {
    await dispose();
  }
}

/** Every key of a record, at any depth, without the names of things that differ from run to run. */
function keysOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => [
    `${path}${key}`,
    ...keysOf(member, `${path}${key}.`),
  ]);
}

const artifactsOf = ({ weights, tokenizer, sidecars }: ModelRef) => [
  weights,
  tokenizer!,
  ...Object.values(sidecars),
];

describe.each(NAMES)('the fixture of %s', (name) => {
  test('is valid by its schema, and every artifact it names is in the store', async () => {
    const store = memoryStore();
    const handoff = await tinyHandoff(name, store);
    const validate = new Ajv({ allErrors: true }).compile(loadHandoffSchema(name));
    validate(handoff);
    expect(validate.errors).toBeNull();
    for (const ref of [...Object.values(handoff.artifacts), ...handoff.models.flatMap(artifactsOf)])
      expect((await store.read(ref)).byteLength).toBe(ref.bytes);
  });

  test('is the same for the same seed, another for another', async () => {
    const hashes = async (seed: number) => {
      const { models } = await tinyHandoff(name, memoryStore(), { seed });
      return models.flatMap(artifactsOf).map(({ sha256 }) => sha256);
    };
    expect(await hashes(3)).toEqual(await hashes(3));
    expect(await hashes(4)).not.toEqual(await hashes(3));
  });

  test('as a phase registers its models and hands the same on', async () => {
    const { kernel, dispose } = await createTestKernel({
      pipeline: [handoffPhase(name)],
      config: { seed: 3 },
    });
    try {
      const report = await kernel.run();
      expect(report.error).toBeNull();
      const { handoff } = report.phases[0]!.result!;
      const stored = (models: readonly ModelRef[]) => models.map(({ weights }) => weights);
      expect(stored(handoff!.models)).toEqual(
        stored((await tinyHandoff(name, memoryStore(), { seed: 3 })).models),
      );
      const registry = await kernel.registry();
      for (const model of handoff!.models) expect(await registry.model(model.id)).toEqual(model);
    } finally {
      await dispose();
    }
  });
});

describe('beside what the phases give', () => {
  let real: Record<HandoffName, Handoff>;
  beforeAll(async () => void (real = await realHandoffs()));

  test.each(NAMES)('%s has the same artifacts, sidecars and facts', async (name) => {
    const fixture = await tinyHandoff(name, memoryStore());
    const facts = (handoff: Handoff) =>
      keysOf({ ...handoff.facts, combo_usage: {}, holdout: {}, components: {}, latency: {} }).sort();
    expect(facts(fixture)).toEqual(facts(real[name]));
    expect(Object.keys(fixture.artifacts)).toEqual(Object.keys(real[name].artifacts));
    fixture.models.forEach((model, i) => {
      const other = real[name].models[i]!;
      expect(model.name).toBe(other.name);
      // Nothing of a fixture was trained.
      const { training_state: _, ...sidecars } = other.sidecars;
      expect(Object.keys(model.sidecars)).toEqual(Object.keys(sidecars));
      expect(keysOf(model.config).sort()).toEqual(keysOf(other.config).sort());
      expect(model.metadata.vocab_size).toBe(other.metadata.vocab_size);
      // A fixture says less of how a model was trained, and nothing else.
      expect(Object.keys(other.metadata.attributes)).toEqual(
        expect.arrayContaining(Object.keys(model.metadata.attributes)),
      );
      expect(Object.keys(other.metadata.metrics)).toEqual(
        expect.arrayContaining(Object.keys(model.metadata.metrics)),
      );
    });
  });
});

describe('the tiny champion', () => {
  test('is a whole model: weights, config, tokenizer and metadata agree', async () => {
    const { ref, weights, tokenizer, handoff, store } = await tinyChampion();
    expect(handoff.models).toEqual([ref]);
    expect(await store.readTensors(ref.weights)).toEqual(weights);
    expect(await store.readText(ref.tokenizer!)).toBe(tokenizer.serialize());
    expect(ref.metadata.parameters).toBe(
      Object.values(weights).reduce((sum, { data }) => sum + data.length, 0),
    );
    expect(ref.config.hyperparameters).toMatchObject({ memoryCapacity: 64, vocabularySize: 300 });
    expect(tokenizer.decode(tokenizer.encode('what is 3 plus 4?'))).toBe('what is 3 plus 4?');
  });

  test('its loss was measured: near that of a uniform guess, as nothing was trained', async () => {
    const { ref } = await tinyChampion();
    expect(Math.abs(ref.metadata.metrics['final_loss']! - Math.log(300))).toBeLessThan(0.5);
  });

  test('its recipe gives its weights from those of its parents', async () => {
    const store = memoryStore();
    const { models } = await tinyHandoff('cognate-to-evomerge', store);
    const parents: TensorDict[] = [];
    for (const { weights } of models) parents.push(await store.readTensors(weights));
    const { ref, weights } = await tinyChampion();
    expect(ref.metadata.parent_model_ids).toEqual(models.map(({ id }) => id));
    const merge = await implementationOf(MERGE, linear());
    const [name, { shape, data }] = Object.entries(weights)[3]!;
    const input = { name, shape, models: parents.map((each) => each[name]!.data as Float32Array) };
    const merged = merge.merge({
      ...input,
      weights: [1, 1, 1],
      ...defaultParameters(merge, 3),
      random: stream(0, 'any'),
    });
    expect(merged).toEqual(data);
  });
});

test('a store in memory has no files, and says so', async () => {
  const store = memoryStore();
  const ref = await store.put('a.txt', 'r\u00e9sum\u00e9');
  expect(await store.readText(ref)).toBe('r\u00e9sum\u00e9');
  expect(() => store.path(ref)).toThrow(/in memory/);
  await expect(store.read({ ...ref, sha256: '0'.repeat(64) })).rejects.toMatchObject({
    code: 'AF_ARTIFACT_MISSING',
  });
});
