import * as tf from '@tensorflow/tfjs';
import type { TensorDescription } from '../../../core/contracts/architecture.js';
import { OPTIMIZER, type Optimizer } from '../../../core/contracts/optimizer.js';
import type { TensorDict, TensorMap } from '../../../core/contracts/tensor.js';
import { newtonSchulz } from '../../../nn/optim/index.js';
import { fillNormal, streamKey } from '../../../nn/random/index.js';
import { zeros } from '../../../nn/training/state.js';
import { adamW, muGrokfast } from '../../../plugins/optimizers/index.js';
import { resolveSettings } from '../../../plugins/optimizers/mugrokfast/index.js';
import { PRESETS } from '../../../plugins/optimizers/mugrokfast/presets.js';
import { describeTitansMag } from '../../../plugins/architectures/titans-mag/describe.js';
import { implementationOf, optimizerConformance } from '../../../testing/index.js';
import { largestDifference } from '../../support/close.js';
import { describeOnEngines, type Compute } from '../../support/engines.js';
import { tinyTitansMag } from '../../support/titans-mag.js';

const init = { kind: 'normal', std: 1 } as const;
const TENSORS: readonly TensorDescription[] = [
  { name: 'table', shape: [6, 4], role: 'embedding', init },
  { name: 'projection', shape: [4, 4], role: 'embedding-projection', init },
  { name: 'query', shape: [4, 4], role: 'attention-query', layer: 0, init },
  { name: 'up', shape: [4, 8], role: 'ffn-up', layer: 0, init },
  { name: 'gain', shape: [4], role: 'norm', layer: 0, init },
  { name: 'start', shape: [4], role: 'initial-state', init },
  { name: 'halt', shape: [4], role: 'halting', init },
];

type Options = NonNullable<Parameters<typeof muGrokfast>[0]>;
const make = (options: Options): Promise<Optimizer> => implementationOf(OPTIMIZER, muGrokfast(options));

function random(name: string): TensorDict {
  return Object.fromEntries(
    TENSORS.map((tensor) => {
      const data = new Float32Array(tensor.shape.reduce((product, side) => product * side, 1));
      fillNormal(streamKey(2, name, tensor.name), data);
      return [tensor.name, { dtype: 'float32' as const, shape: tensor.shape, data }];
    }),
  );
}

const prefixed = (prefix: string, dict: TensorDict): TensorDict =>
  Object.fromEntries(Object.entries(dict).map(([name, tensor]) => [`${prefix}${name}`, tensor]));
const stripped = (prefix: string, map: TensorMap): TensorMap =>
  Object.fromEntries(
    Object.entries(map)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
  );

/** Weights after `steps` updates with the same gradient. */
async function update(
  compute: Compute,
  optimizer: Optimizer,
  steps = 1,
): Promise<{ params: TensorDict; metrics: TensorDict }> {
  const inputs = {
    ...prefixed('w/', random('w')),
    ...prefixed('g/', random('g')),
    ...prefixed('s/', zeros(optimizer.state(TENSORS))),
  };
  const found = await compute(inputs, (t) => {
    let [params, state] = [stripped('w/', t), stripped('s/', t)];
    let metrics: TensorMap = {};
    for (let step = 1; step <= steps; step++)
      ({ params, state, metrics } = optimizer.update({
        tensors: TENSORS,
        params,
        grads: stripped('g/', t),
        state,
        step: tf.scalar(step),
        learningRateScale: tf.scalar(1),
        peaks: [],
      }));
    const out = (prefix: string, map: TensorMap): TensorMap =>
      Object.fromEntries(Object.entries(map).map(([name, tensor]) => [prefix + name, tensor]));
    return { ...out('w/', params), ...out('m/', metrics) };
  });
  const pick = (prefix: string): TensorDict =>
    Object.fromEntries(
      Object.entries(found)
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, tensor]) => [name.slice(2), tensor]),
    );
  return { params: pick('w/'), metrics: pick('m/') };
}

describe('presets of MuGrokfast', () => {
  test.each([
    ['phase1', 1e-3, 1e-3, 0.3, 30, 0.9, 3, 0.05],
    ['phase3', 5e-4, 5e-4, 0.1, 25, 0.95, 5, 0],
    ['phase5', 1e-3, 1e-3, 2, 30, 0.95, 5, 0],
    ['phase6', 1e-4, 1e-4, 0.2, 30, 0.95, 5, 0],
    ['phase7', 5e-4, 5e-4, 0.15, 28, 0.95, 5, 0],
  ] as const)(
    '%s',
    (preset, muonLr, fallbackLr, lambda, qkClipThreshold, momentum, newtonSchulzSteps, weightDecay) => {
      const expected = {
        muonLr,
        fallbackLr,
        lambda,
        qkClipThreshold,
        momentum,
        newtonSchulzSteps,
        weightDecay,
      };
      expect(PRESETS[preset]).toMatchObject({
        ...expected,
        alpha: 0.98,
        nesterov: true,
        filter: 'lowpass',
        scale: 'moonlight',
      });
    },
  );

  test('the base settings, and overrides', async () => {
    expect(resolveSettings({})).toMatchObject({ muonLr: 0.01, fallbackLr: 1e-3, lambda: 2, scale: 'jordan' });
    expect(resolveSettings({ preset: 'phase5', lambda: 0.5 })).toMatchObject({ muonLr: 1e-3, lambda: 0.5 });
    const optimizer = await make({ preset: 'phase7', muonLr: 2e-4 });
    expect(optimizer.learningRate).toBe(2e-4);
    expect((await make({ preset: 'phase5', muon: false, fallbackLr: 3e-4 })).learningRate).toBe(3e-4);
  });

  test.each([[{ preset: 'phase2' }], [{ filter: 'bandpass' }], [{ alpha: 1 }], [{ learningRate: 1 }]])(
    'refuses %j',
    async (options) => {
      await expect(make(options as Options)).rejects.toMatchObject({ code: 'AF_CONFIG_INVALID' });
    },
  );
});

describe('routing', () => {
  const parts = (optimizer: Optimizer, name: string): string[] =>
    Object.keys(optimizer.state(TENSORS))
      .filter((key) => key.startsWith(`${name}/`))
      .map((key) => key.slice(name.length + 1));

  test('hidden matrices go to Muon, everything else to AdamW', async () => {
    const optimizer = await make({ preset: 'phase1' });
    for (const name of ['query', 'up']) expect(parts(optimizer, name)).toEqual(['slow', 'momentum']);
    for (const name of ['table', 'projection', 'gain', 'start', 'halt'])
      expect(parts(optimizer, name)).toEqual(['slow', 'first', 'second']);
  });

  test('each ablation is one option', async () => {
    expect(parts(await make({ preset: 'phase1', filter: 'off' }), 'query')).toEqual(['momentum']);
    expect(parts(await make({ preset: 'phase1', lambda: 0 }), 'query')).toEqual(['momentum']);
    expect(parts(await make({ preset: 'phase1', filter: 'highpass' }), 'query')).toEqual([
      'slow',
      'momentum',
    ]);
    expect(parts(await make({ preset: 'phase1', muon: false }), 'query')).toEqual([
      'slow',
      'first',
      'second',
    ]);
    expect(parts(await implementationOf(OPTIMIZER, adamW()), 'query')).toEqual(['first', 'second']);
  });

  test('every hidden matrix of titans-mag goes to Muon, and only those', async () => {
    const tensors = describeTitansMag(tinyTitansMag());
    const state = (await make({ preset: 'phase1' })).state(tensors);
    const toMuon = tensors.filter(({ name }) => `${name}/momentum` in state);
    expect(toMuon.every(({ shape }) => shape.length === 2)).toBe(true);
    expect(tensors.filter((tensor) => !toMuon.includes(tensor)).map(({ role }) => role)).not.toContain(
      'recursion',
    );
    // Per block: four of attention, two of memory, three of the FFN; two of the gate; eight and four in the recursion.
    expect(toMuon).toHaveLength(2 * 9 + 2 + 12);
  });
});

describeOnEngines('MuGrokfast update', (compute) => {
  test('a hidden matrix moves along the orthogonalised filtered gradient, scaled and decayed', async () => {
    const optimizer = await make({ preset: 'phase1' });
    const { params, metrics } = await update(compute, optimizer);
    const [w, g] = [random('w')['up']!, random('g')['up']!];
    const expected = await compute({ g }, (t) => ({ o: newtonSchulz(t['g'] as tf.Tensor2D, 3) }));
    // First step: the filtered gradient and the momentum are multiples of g, which orthogonalisation does not see.
    const moved = w.data.map(
      (value, i) => value * (1 - 1e-3 * 0.05) - 1e-3 * 0.2 * Math.sqrt(8) * expected['o']!.data[i]!,
    );
    expect(largestDifference(params['up']!.data, moved)).toBeLessThan(1e-6);
    expect(metrics['optim/ortho_error']!.data[0]).toBeGreaterThan(0);
    expect(metrics['optim/grokfast_mu_norm']!.data[0]).toBeCloseTo(
      Math.hypot(...Object.values(random('g')).flatMap(({ data }) => [...data])),
      3,
    );
  });

  test('the first AdamW step is the learning rate against the sign; norms and the table do not decay', async () => {
    const { params } = await update(compute, await make({ preset: 'phase1' }));
    const [before, gradients] = [random('w'), random('g')];
    for (const [name, decay] of [
      ['table', 0],
      ['gain', 0],
      ['start', 0],
      ['halt', 0],
      ['projection', 0.05],
    ] as const) {
      const expected = before[name]!.data.map(
        (value, i) => value * (1 - 1e-3 * decay) - 1e-3 * Math.sign(gradients[name]!.data[i]!),
      );
      expect(largestDifference(params[name]!.data, expected)).toBeLessThan(1e-6);
    }
  });

  test('update_norm is the norm of the change without decay', async () => {
    const { params, metrics } = await update(compute, await make({ preset: 'phase1', weightDecay: 0 }));
    const before = random('w');
    const change = Object.entries(params).flatMap(([name, { data }]) =>
      [...data].map((value, i) => value - before[name]!.data[i]!),
    );
    expect(metrics['optim/update_norm']!.data[0]).toBeCloseTo(Math.hypot(...change), 4);
  });

  test('an off filter equals lambda 0', async () => {
    const after = async (options: Options): Promise<ArrayLike<number>> => {
      const gradient = await update(compute, await make({ preset: 'phase1', muon: false, ...options }), 3);
      return gradient.params['table']!.data;
    };
    const [off, zero] = [await after({ filter: 'off' }), await after({ lambda: 0 })];
    expect(Array.from(off)).toEqual(Array.from(zero));
  });
});

describe('conformance', () => {
  for (const [name, subject] of [
    ['mugrokfast', () => make({ preset: 'phase1' })],
    ['mugrokfast base', () => make({})],
    ['adamw', () => implementationOf(OPTIMIZER, adamW())],
  ] as const)
    describe(name, () => {
      for (const { name: check, run } of optimizerConformance(subject)) test(check, run);
    });
});
