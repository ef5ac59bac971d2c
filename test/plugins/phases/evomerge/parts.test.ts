import type { Recipe } from '../../../../core/contracts/evolution.js';
import type { TensorDict } from '../../../../core/contracts/tensor.js';
import {
  DiversityMeter,
  HEALTHY,
  steer,
  type Remedy,
} from '../../../../plugins/phases/evomerge/search/diversity.js';
import { groupOf, groupsOf, layerCount } from '../../../../plugins/phases/evomerge/family/groups.js';
import { ranked, type Individual } from '../../../../plugins/phases/evomerge/individuals/individual.js';
import { Lineage } from '../../../../plugins/phases/evomerge/individuals/lineage.js';
import { LiveWeights } from '../../../../plugins/phases/evomerge/individuals/live-weights.js';
import { MeasurementCache } from '../../../../plugins/phases/evomerge/individuals/cache.js';
import { comboId, LABELS } from '../../../../plugins/phases/evomerge/search/proposals.js';
import { championOf, recentGain, recordOf } from '../../../../plugins/phases/evomerge/search/state.js';
import { decode } from '../../../../plugins/phases/evomerge/strategies/cma-es.js';
import { countUsage, UNUSED } from '../../../../plugins/phases/evomerge/search/usage.js';
import type { Measured } from '../../../../plugins/phases/evomerge/individuals/evaluator.js';
import type { Builder } from '../../../../plugins/phases/evomerge/individuals/builder.js';
import { weightsHash } from '../../../../nn/models/index.js';

const model = (...data: number[]): TensorDict => ({
  w: { shape: [data.length], dtype: 'float32', data: Float32Array.from(data) },
});
const individual = (id: string, fitness: number, changes: Partial<Individual> = {}): Individual => ({
  id,
  recipe: { operation: 'parent', sources: [], parameters: {}, seed: 0 },
  origin: 'combination',
  generation: 0,
  measured: {} as Measured,
  fitness,
  components: {},
  bits: null,
  fallback: null,
  ...changes,
});

test('labels are read with the interpolation first: 100 is number 4', () => {
  expect(LABELS).toEqual(['000', '001', '010', '011', '100', '101', '110', '111']);
  expect(LABELS.map(comboId)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

describe('diversity', () => {
  const parents = [model(1, 0, 0), model(0, 1, 0), model(0, 0, 1)];

  test('the parents themselves score 1', () => {
    expect(
      new DiversityMeter(parents).measure(['0', '1', '2'], (id) => parents[Number(id)]!).ratio,
    ).toBeCloseTo(1, 12);
  });

  test('eight identical models score 0', () => {
    const same = Array.from({ length: 8 }, (_, i) => String(i));
    expect(new DiversityMeter(parents).measure(same, () => model(0.3, 0.1, 0.7)).ratio).toBe(0);
  });

  test('models half as far apart score a half', () => {
    const halves = parents.map(({ w }) => model(...Array.from(w!.data, (value) => value / 2)));
    expect(
      new DiversityMeter(parents).measure(['0', '1', '2'], (id) => halves[Number(id)]!).ratio,
    ).toBeCloseTo(0.5, 6);
  });

  const bands = { healthy: 0.3, reseedBelow: 0.2, reseedEvery: 10, functionalEvery: 10 };
  async function decide(value: number, generation = 1, before = HEALTHY, answer?: Remedy) {
    const asked: string[] = [];
    const ctx = {
      intervene: <A extends string>(trouble: string, _actions: readonly A[], fallback: A): Promise<A> => {
        asked.push(trouble);
        return Promise.resolve((answer as A | undefined) ?? fallback);
      },
    };
    return { control: await steer(ctx, bands, value, generation, before), asked };
  }

  test.each([
    [0.3, 1, false],
    [0.29, 2, false],
    [0.2, 2, false],
    [0.19, 2, true],
    [0, 2, true],
  ])('at %d mutations are %d times as strong, re-seeding is %s', async (value, strength, reseed) => {
    expect((await decide(value)).control).toMatchObject({ strength, reseed });
  });

  test('new blood comes every ten generations while diversity is low but not lowest', async () => {
    const thin = (await decide(0.25)).control;
    expect((await decide(0.25, 9, thin)).control.reseed).toBe(false);
    expect((await decide(0.25, 10, thin)).control.reseed).toBe(true);
  });

  test('whoever listens is asked once per band, and the answer holds for the whole search', async () => {
    const first = await decide(0.1, 3, HEALTHY, 'continue');
    expect(first.asked).toEqual(['diversity 0.100 of generation 3 is below 0.2']);
    const recovered = await decide(0.5, 4, first.control);
    const second = await decide(0.12, 5, recovered.control);
    expect(second.asked).toEqual([]);
    expect(second.control).toMatchObject({ strength: 1, reseed: false });
  });
});

describe('lineage', () => {
  const recipe = (...sources: string[]): Recipe => ({
    operation: 'layered',
    sources,
    parameters: {},
    seed: 0,
  });
  const double = {
    build: ({ sources }: Recipe, weights: (id: string) => TensorDict) =>
      model(...sources.flatMap((id) => Array.from(weights(id)['w']!.data, (v) => 2 * v))),
  } as unknown as Builder;
  const a = weightsHash(model(2, 4));
  const b = weightsHash(model(4, 8, 2, 4));

  test('an individual is made again through its ancestors', () => {
    const lineage = new Lineage({
      p: { ...recipe(), operation: 'parent' },
      q: { ...recipe(), operation: 'parent' },
      [a]: recipe('p', 'q'),
      [b]: recipe(a, 'p', 'q'),
    });
    const parents = new Map([
      ['p', model(1)],
      ['q', model(2)],
    ]);
    expect(lineage.ancestry([b])).toEqual(['p', 'q', a, b]);
    expect([...lineage.rebuild(b, double, parents)['w']!.data]).toEqual([4, 8, 2, 4]);
    lineage.prune([a]);
    expect(Object.keys(lineage.saved())).toEqual(['p', 'q', a]);
  });

  test('a recipe that gives something else is a defect', () => {
    const lineage = new Lineage({ p: { ...recipe(), operation: 'parent' }, wrong: recipe('p') });
    expect(() => lineage.rebuild('wrong', double, new Map([['p', model(1)]]))).toThrow(/same weights/);
  });
});

test('weights in memory are counted, parents included, and dropped when not needed', () => {
  const live = new LiveWeights(new Map([['p', model(1)]]));
  for (const id of ['a', 'b', 'p', 'c']) live.add(id, model(2));
  live.keep(['c']);
  live.add('d', model(3));
  expect([live.peak, live.has('a'), live.has('c'), live.has('p')]).toEqual([4, false, true, true]);
  expect(() => live.get('a')).toThrow(/not in memory/);
});

test('the cache forgets what was not used for longest and counts what is new', () => {
  const cache = new MeasurementCache(2);
  const measured = (nll: number): Measured => ({ nll }) as Measured;
  cache.set('a', measured(1));
  cache.set('b', measured(2));
  cache.get('a');
  cache.set('c', measured(3));
  cache.set('c', measured(3));
  expect([cache.get('a')?.nll, cache.get('b'), cache.evaluations]).toEqual([1, null, 3]);
  const again = new MeasurementCache(2, cache.saved());
  expect([again.get('c')?.nll, again.evaluations]).toEqual([3, 3]);
});

test('groups are the layers, and the first part of the name outside them', () => {
  const tensors = [
    { name: 'embedding.table' },
    { name: 'layers.1.ffn.up', layer: 1 },
    { name: 'layers.0.ffn.up', layer: 0 },
    { name: 'norm' },
  ];
  expect(tensors.map(groupOf)).toEqual(['embedding', 'layer 1', 'layer 0', 'norm']);
  const described = tensors.map((tensor) => ({
    ...tensor,
    shape: [1],
    role: 'norm' as const,
    init: { kind: 'constant' as const, value: 1 },
  }));
  expect([groupsOf(described).length, layerCount(described)]).toEqual([4, 2]);
});

test('a point of CMA-ES becomes weights by group and parameters within their ranges', () => {
  const density = { scope: 'model' as const, default: 0.5, minimum: 0.2, maximum: 0.6, description: '' };
  const genome = { groups: ['a', 'b'], parents: 2, parameters: [['density', density]] as const };
  expect(decode([1, 2, 3, -4, 0.5, 7], genome)).toEqual({
    weights: { a: [1, 2], b: [3, -4] },
    parameters: { a: { density: 0.4 }, b: { density: 0.6 } },
  });
});

describe('bookkeeping', () => {
  test('the champion is the best so far; an equal newcomer does not take its place', () => {
    const champion = individual('c', 1);
    expect(championOf(champion, [individual('x', 1), individual('y', 0.5)])).toBe(champion);
    expect(championOf(champion, [individual('x', 1.1), individual('y', 1.2)]).id).toBe('y');
    expect(ranked([individual('a', 1), individual('b', 2), individual('c', 1)]).map(({ id }) => id)).toEqual([
      'b',
      'a',
      'c',
    ]);
  });

  test('numbers of a generation', () => {
    const population = [individual('a', 1, { bits: '011' }), individual('b', 0.5), individual('a', 1)];
    const record = recordOf(4, population, individual('c', 1.5), { diversity: 0.3, cosine: 0.1, mutated: 2 });
    expect(record).toMatchObject({
      best: 1,
      minimum: 0.5,
      unique: 2,
      champion: 1.5,
      bestBits: '011',
      mutated: 2,
    });
    expect(record.average).toBeCloseTo(2.5 / 3, 12);
    expect(record.deviation).toBeCloseTo(Math.sqrt(0.5 / 9), 12);
    const later = { ...record, champion: 1.65 };
    expect(recentGain([record, record, later], 2)).toBeCloseTo(0.1, 12);
    expect(recentGain([record, later], 2)).toBeNull();
  });

  test('a merge succeeds when it is valid and no worse than what it was made from', () => {
    const parameters = {
      bits: '000',
      stages: ['linear', 'dare', 'franken'].map((merge) => ({ merge, options: {} })),
      weights: [1],
    };
    const proposal = {
      recipe: { operation: 'combination', sources: ['s'], parameters, seed: 0 },
      origin: 'merge' as const,
      bits: '000',
      of: [individual('s', 1)],
    };
    const outcomes = [
      individual('better', 1.1),
      individual('worse', 0.9),
      individual('invalid', 1.2, { fallback: 'NaN' }),
    ];
    const usage = countUsage(UNUSED, [
      ...outcomes.map((child) => ({ individual: child, proposal })),
      { individual: individual('s', 1), proposal: { copy: individual('s', 1) } },
    ]);
    expect(usage.combos['000']).toMatchObject({ tried: 3, good: 1 });
    expect(usage.techniques['dare']!.fitnessSum).toBeCloseTo(3.2, 12);
    expect(usage.combos['111']!.tried).toBe(0);
  });
});
