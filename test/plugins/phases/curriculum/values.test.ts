import { EMPTY_RETENTION } from '../../../../nn/curriculum/index.js';
import { weightsHash } from '../../../../nn/models/index.js';
import { isForgeError, type ForgeError } from '../../../../core/errors/index.js';
import type { TensorDict } from '../../../../core/contracts/tensor.js';
import { curriculum } from '../../../../plugins/index.js';
import { levelLists } from '../../../../plugins/phases/curriculum/lists.js';
import { stagesCompleted } from '../../../../plugins/phases/curriculum/numbers.js';
import type { CurriculumRun } from '../../../../plugins/phases/curriculum/prepare.js';
import { Forge } from '../../../../plugins/phases/curriculum/training.js';
import type { LiveModel } from '../../../../plugins/phases/shared/model/open.js';
import { rulesOf } from '../../../../plugins/phases/curriculum/value-options.js';
import { bakeValues } from '../../../../plugins/phases/curriculum/values.js';
import { ruleMetrics, virtueMetrics } from '../../../../plugins/phases/curriculum/values-told.js';
import { handoffPhase } from '../../../../testing/index.js';
import { tinyCurriculum } from '../../../support/tiny-curriculum.js';
import { benchOf } from '../bitnet/support.js';
import { withRun, type Options } from './support.js';

/** A rule of one letter: the context of the tiny model has no room for more in front of a question. */
const RULES = [{ name: 'honesty', text: '!' }];

const optionsWith = (more: Options['values'] = {}): Options => ({
  levels: { items: 2, heldOut: 2 },
  examination: {
    ...{ items: 4, toolItems: 2, plainItems: 2, rows: 4, answerTokens: 2, taskTokens: 2 },
    resamples: 100,
  },
  values: {
    ...{ rules: RULES, questions: 16, heldOut: 16, steps: 20 },
    options: { train: 'all', perExample: 1, maxTokens: 2 },
    training: { rows: 4, length: 30, accumulation: 1, warmupSteps: 1, emaDecay: 0, evaluateEvery: 5 },
    optimizer: { use: 'adamw', options: { learningRate: 0.0003, weightDecay: 0 } },
    ...more,
  },
});

/** The untrained model says nearly the same to everything; with larger matrices what it reads matters. */
function attentive({ tensors, weights }: Pick<LiveModel, 'tensors' | 'weights'>): TensorDict {
  const larger = tensors
    .filter(({ linear }) => linear === true)
    .map(({ name, shape }) => {
      const data = Float32Array.from(weights[name]!.data, (x) => 100 * x);
      return [name, { shape, dtype: 'float32', data }] as const;
    });
  return { ...weights, ...Object.fromEntries(larger) };
}

/** Bake, and say what the model is before and after. */
async function baked(run: CurriculumRun) {
  const forge = await Forge.open(run);
  try {
    await forge.adopt(attentive(await forge.model()));
    const before = weightsHash((await forge.model()).weights);
    const asked = { retention: EMPTY_RETENTION, fraction: () => 0 };
    const values = await bakeValues(run, forge, levelLists(run, 1).slice(0, 1), asked);
    return { ...values, before, after: weightsHash((await forge.model()).weights) };
  } finally {
    await forge.dispose();
  }
}

const withBaked = (options: Options) => withRun(options, baked);

test('nothing is baked where no rule is given', async () => {
  const { entries, retention, before, after } = await withBaked(optionsWith({ rules: null }));
  expect(entries).toEqual([]);
  expect(retention).toBe(EMPTY_RETENTION);
  expect(after).toBe(before);
});

describe('a rule', () => {
  let once: Awaited<ReturnType<typeof baked>>;
  beforeAll(async () => void (once = await withBaked(optionsWith())));

  it('moves the model without it towards the model with it, and the forge goes on with that', () => {
    const [entry] = once.entries;

    expect(once.entries).toHaveLength(1);
    expect(entry).toMatchObject({ name: 'honesty', kept: true, measured: 'baking/kl' });
    expect(entry!.targets).toBeGreaterThan(0);
    expect(entry!.after).toBeLessThan(entry!.before);
    expect(once.after).not.toBe(once.before);
    expect(once.retention.moments).toEqual(['consolidation']);
    expect(ruleMetrics(once)).toEqual({
      'values/honesty/kl_before': entry!.before,
      'values/honesty/kl_after': entry!.after,
    });
  });

  it('is baked to the same bits by a run that was killed on the way', () =>
    withRun(optionsWith(), async (run) => {
      let points = 0;
      const pausePoint = (): Promise<void> =>
        ++points === 12 ? Promise.reject(new Error('killed')) : Promise.resolve();
      await expect(baked({ ...run, ctx: { ...run.ctx, pausePoint } })).rejects.toThrow('killed');
      const again = await baked(run);
      expect(again.after).toBe(once.after);
      expect(again.entries.map(({ seconds: _, ...entry }) => entry)).toEqual(
        once.entries.map(({ seconds: _, ...entry }) => entry),
      );
    }));
});

test('a rule whose divergence does not fall leaves the model as it was', async () => {
  const wild = { use: 'adamw', options: { learningRate: 100, weightDecay: 0 } };
  const { entries, before, after } = await withBaked(optionsWith({ optimizer: wild, steps: 2 }));
  expect(entries[0]!.after).toBeGreaterThan(entries[0]!.before);
  expect(entries[0]!.kept).toBe(false);
  expect(after).toBe(before);
});

test('the documented virtues are four, and none of them is about the model itself', () => {
  const names = rulesOf({ rules: 'virtues' }).map(({ name }) => name);
  expect(names).toEqual(['golden_rule', 'honesty', 'justice', 'compassion']);
  expect(rulesOf({ rules: RULES })).toBe(RULES);
  expect(rulesOf({ rules: null })).toEqual([]);
});

test('what was not baked has no value, and the metric says why', () => {
  const nothing = { entries: [], retention: EMPTY_RETENTION };
  const told = (rules: 'virtues' | null | typeof RULES) =>
    virtueMetrics({ values: { rules } as never }, nothing)['stage2/virtue_justice/baking_loss'];
  expect(told(null)).toEqual({ value: null, reason: expect.stringContaining('switched off') });
  expect(told(RULES)).toEqual({ value: null, reason: expect.stringContaining('no rule of this name') });
});

test('the plan refuses two rules of one name, and methods without a teacher that reads a prompt', async () => {
  const values = { rules: [...RULES, ...RULES], use: 'traces', options: {} };
  const phases = [handoffPhase('bitnet-to-curriculum'), curriculum(tinyCurriculum({ values }))];
  const bench = await benchOf(phases);
  try {
    const { problems } = await bench.kernel.plan();
    expect(problems.map(({ at }) => at).sort()).toEqual([
      'phases.curriculum.values.rules[1].name',
      'phases.curriculum.values.use',
    ]);
  } finally {
    await bench.dispose();
  }
});

test('a rule that leaves no room for a row is refused before anything is trained', async () => {
  const rules = [{ name: 'justice', text: 'Judge like cases alike.' }];
  let error: ForgeError | undefined;
  try {
    await withRun(optionsWith({ rules }), () => Promise.resolve());
  } catch (thrown) {
    if (isForgeError(thrown)) error = thrown;
  }
  expect(error?.code).toBe('AF_CONFIG_INVALID');
  expect(error!.problems).toEqual([
    expect.objectContaining({ at: 'phases.curriculum.values.training.length', found: '30' }),
    expect.objectContaining({ at: 'phases.curriculum.values.options.maxTokens', found: '2' }),
  ]);
});

test('answers that do not fit behind rule and question are refused before anything is trained', async () => {
  const base = optionsWith();
  const options = {
    ...base,
    values: { ...base.values, options: { ...base.values!.options, maxTokens: 20 } },
  };
  const error = await withRun(options, () => Promise.resolve()).catch((thrown: unknown) => thrown);
  expect(isForgeError(error) && error.problems).toEqual([
    expect.objectContaining({ at: 'phases.curriculum.values.options.maxTokens', found: '20' }),
  ]);
});

test('stages that are off are not counted among the seven', () => {
  const level = { dreams: { divergence: { before: 1, after: 0 } } };
  type Found = Parameters<typeof stagesCompleted>[0];
  const nothing = { levels: [], tools: null, values: { entries: [] }, selfModel: null };
  const count = (found: object) => stagesCompleted({ ...nothing, ...found } as unknown as Found);
  expect(count({})).toBe(2);
  expect(count({ levels: [{ dreams: null }], tools: {} })).toBe(4);
  const all = { levels: [{ dreams: null }, level], tools: {}, values: { entries: [{}] } };
  // All but the model of oneself, and all.
  expect(count(all)).toBe(6);
  expect(count({ ...all, selfModel: 0.5 })).toBe(7);
});
