import {
  MUTATION,
  isCombination,
  isLayered,
  type MutationInput,
  type Recipe,
} from '../../../core/contracts/evolution.js';
import type { MergeParameter } from '../../../core/contracts/merge.js';
import { stream } from '../../../nn/random/index.js';
import { bitFlip, coefficients, recipe, weightNoise } from '../../../plugins/mutations/index.js';
import { implementationOf } from '../../../testing/index.js';

const PARENTS = ['p', 'q', 'r'];
const COMBINATION: Recipe = {
  operation: 'combination',
  sources: PARENTS,
  parameters: {
    bits: '010',
    stages: [
      { merge: 'linear', options: {} },
      { merge: 'ties', options: {} },
      { merge: 'franken', options: {} },
    ],
    weights: [1 / 3, 1 / 3, 1 / 3],
  },
  seed: 5,
};

const DECLARED: Readonly<Record<string, Readonly<Record<string, MergeParameter>>>> = {
  ties: {
    density: { scope: 'model', default: 0.2, minimum: 0, maximum: 1, description: '' },
    normalize: { scope: 'merge', default: true, description: '' },
  },
};

function input(of: Recipe, changes: Partial<MutationInput> = {}): MutationInput {
  return {
    id: 'x',
    recipe: of,
    parents: PARENTS,
    groups: ['embedding', 'layer 0', 'layer 1'],
    layers: 2,
    stages: [
      ['linear', 'slerp'],
      ['dare', 'ties'],
      ['franken', 'dfs'],
    ],
    parametersOf: (merge) => DECLARED[merge] ?? {},
    available: (id) => ['x', ...PARENTS].includes(id),
    recipeOf: () => null,
    strength: 1,
    random: stream(1, 'mutations'),
    seed: 9,
    ...changes,
  };
}

describe('bit-flip', () => {
  test('one stage of three takes the other merge, whichever stage is drawn', async () => {
    const mutation = await implementationOf(MUTATION, bitFlip());
    const labels = new Set<string>();
    for (let draw = 0; draw < 30; draw++) {
      const flipped = mutation.propose(input(COMBINATION, { random: stream(draw, 'flip') }))!;
      if (!isCombination(flipped)) throw new Error('not a combination');
      const { bits, stages } = flipped.parameters;
      const at = [...bits].findIndex((bit, i) => bit !== '010'[i]);
      expect([...bits].filter((bit, i) => bit !== '010'[i])).toHaveLength(1);
      expect(stages[at]!.merge).toBe(
        [
          ['linear', 'slerp'],
          ['dare', 'ties'],
          ['franken', 'dfs'],
        ][at]![Number(bits[at])],
      );
      expect(flipped.sources).toEqual(PARENTS);
      labels.add(bits);
    }
    expect([...labels].sort()).toEqual(['000', '011', '110']);
  });

  test('goes back to the combination behind later changes, unless its sources are gone', async () => {
    const mutation = await implementationOf(MUTATION, bitFlip());
    const noisy: Recipe = { operation: 'weight-noise', sources: ['c'], parameters: {}, seed: 1 };
    const recipeOf = (id: string) => (id === 'c' ? COMBINATION : null);
    expect(mutation.propose(input(noisy, { recipeOf }))!.operation).toBe('combination');
    expect(mutation.propose(input(noisy, { recipeOf, available: (id) => id === 'x' }))).toBeNull();
    expect(mutation.propose(input(noisy))).toBeNull();
  });
});

describe('recipe', () => {
  test('weights still sum to one, numbers stay in their ranges, switches are left alone', async () => {
    const mutation = await implementationOf(MUTATION, recipe({ parameters: 2 }));
    for (let draw = 0; draw < 30; draw++) {
      const changed = mutation.propose(input(COMBINATION, { random: stream(draw, 'recipe'), strength: 2 }))!;
      if (!isCombination(changed)) throw new Error('not a combination');
      const { weights, stages, bits } = changed.parameters;
      expect(bits).toBe('010');
      expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
      expect(Object.keys(stages[1]!.options)).toEqual(['density']);
      expect(stages[1]!.options['density']).toBeGreaterThanOrEqual(0);
      expect(stages[1]!.options['density']).toBeLessThanOrEqual(1);
      expect(stages[0]!.options).toEqual({});
      const layers = stages[2]!.options['layers'] as number[];
      expect(layers).toHaveLength(2);
      expect(layers.every((donor) => donor >= 0 && donor <= 3)).toBe(true);
    }
  });
});

describe('coefficients', () => {
  test('an individual keeps its own weight of one and steps along the task vectors of the parents', async () => {
    const mutation = await implementationOf(MUTATION, coefficients({ rate: 1 }));
    const stepped = mutation.propose(input(COMBINATION))!;
    if (!isLayered(stepped)) throw new Error('not layered');
    expect(stepped.sources).toEqual(['x', ...PARENTS]);
    expect(stepped.parameters.merge).toBe('task-arithmetic');
    const groups = Object.values(stepped.parameters.weights);
    expect(groups.map((weights) => weights[0])).toEqual([1, 1, 1]);
    expect(new Set(groups.map((weights) => weights.join())).size).toBe(3);
    expect(groups.flat().every((weight) => weight !== 0)).toBe(true);
  });

  test('coefficients add up over generations while their origin is at hand, and may leave the convex hull', async () => {
    const mutation = await implementationOf(MUTATION, coefficients({ sigma: 0.5, shared: 0.5, rate: 1 }));
    let current = mutation.propose(input(COMBINATION))!;
    for (let generation = 0; generation < 20; generation++) {
      current = mutation.propose(
        input(current, { id: `g${generation}`, random: stream(generation, 'walk') }),
      )!;
    }
    if (!isLayered(current)) throw new Error('not layered');
    expect(current.sources).toEqual(['x', ...PARENTS]);
    expect(Math.max(...Object.values(current.parameters.weights).flat().map(Math.abs))).toBeGreaterThan(1);
    const restarted = mutation.propose(
      input(current, { id: 'y', available: (id) => PARENTS.includes(id) || id === 'y' }),
    )!;
    expect(restarted.sources).toEqual(['y', ...PARENTS]);
  });
});

describe('weight-noise', () => {
  const model = {
    w: { shape: [100, 200], dtype: 'float32' as const, data: new Float32Array(20_000).fill(1) },
  };

  test('changes the given share of the weights by the given size, stronger when asked', async () => {
    const mutation = await implementationOf(MUTATION, weightNoise());
    for (const strength of [1, 2]) {
      const proposed = mutation.propose(input(COMBINATION, { strength }))!;
      expect(proposed.parameters).toEqual({ rate: 0.01 * strength, sigma: 0.01 * strength });
      const steps = [...mutation.apply!(proposed, [model])['w']!.data]
        .map((value) => value - 1)
        .filter((step) => step !== 0);
      expect(steps.length / 20_000).toBeCloseTo(0.01 * strength, 2);
      const rms = Math.sqrt(steps.reduce((sum, step) => sum + step * step, 0) / steps.length);
      expect(rms).toBeGreaterThan(0.008 * strength);
      expect(rms).toBeLessThan(0.012 * strength);
    }
  });

  test('another seed changes other weights', async () => {
    const mutation = await implementationOf(MUTATION, weightNoise());
    const [a, b] = [1, 2].map(
      (seed) => mutation.apply!(mutation.propose(input(COMBINATION, { seed }))!, [model])['w']!.data,
    );
    expect(a).not.toEqual(b);
  });
});
