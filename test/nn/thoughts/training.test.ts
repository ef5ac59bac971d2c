import { OPTIMIZER } from '../../../core/contracts/optimizer.js';
import type { Engine } from '../../../core/contracts/engine.js';
import { initializeWeights } from '../../../nn/models/index.js';
import { stream } from '../../../nn/random/index.js';
import {
  choosePlaces,
  entropySource,
  featureWidth,
  mixingTensors,
  quietStar,
  RewardScale,
  thoughtExtras,
  ThoughtSampler,
  type ThoughtShape,
} from '../../../nn/thoughts/index.js';
import { createTrainer, specsOf, type StepResult, type Trainer } from '../../../nn/training/index.js';
import { muGrokfast } from '../../../plugins/optimizers/mugrokfast/index.js';
import { implementationOf } from '../../../testing/index.js';
import { openTestEngine } from '../../support/training.js';
import { MARKERS, MODELS, thoughtRows, type TestModel } from './support.js';

const SHAPE: ThoughtShape = { base: 16, positions: 2, thoughts: 2, length: 3, talk: 2 };
const EXCLUDED = [46, 47];
const VOCABULARY = { markers: MARKERS, excluded: EXCLUDED, ending: true };

describe.each(Object.entries(MODELS))('Quiet-STaR training of %s', (_name, open) => {
  let engine: Engine;
  let model: TestModel;
  beforeAll(async () => {
    engine = await openTestEngine();
    model = await open();
  });
  afterAll(() => engine.dispose());

  async function trainerOf(bounded: boolean): Promise<Trainer> {
    const { architecture, config } = model;
    const mixing = mixingTensors(featureWidth(architecture, config), { bounded });
    const weights = initializeWeights([...architecture.describe(config), ...mixing], 2);
    const reference = initializeWeights(architecture.describe(config), 2);
    const options = {
      engine,
      model: {
        architecture,
        config,
        tensors: [...architecture.describe(config), ...mixing],
        optimizer: await implementationOf(OPTIMIZER, muGrokfast({ preset: 'phase3' })),
        objective: quietStar({
          ...{ ...VOCABULARY, shape: SHAPE, baseWeight: 0.5, talkWeight: 0.5 },
          ...{ reinforceTemperature: 3, clampAdvantages: true },
        }),
        reference: specsOf(reference),
        extras: thoughtExtras(SHAPE, 2),
      },
      ...{ shape: { rows: 2, length: SHAPE.base }, accumulation: 1, clipNorm: 1, seed: 1 },
    };
    return createTrainer(options, weights, reference);
  }

  /** Choose places, think, and learn from it. */
  async function train(trainer: Trainer, steps: number): Promise<StepResult[]> {
    const { architecture, config, weights } = model;
    const { ids, targets, segments } = thoughtRows(SHAPE, [0, 0, 0, 0], [6]);
    const text = {
      ids: ids.data as Int32Array,
      targets: targets.data as Int32Array,
      segments: segments.data as Int32Array,
    };
    const sampler = await ThoughtSampler.create(
      { ...{ engine, architecture, config, shape: SHAPE, rows: 2 }, ...VOCABULARY },
      await trainer.weights('param'),
    );
    const scale = new RewardScale();
    const results: StepResult[] = [];
    for (let step = 1; step <= steps; step++) {
      const measure = await trainer.program('entropy', () =>
        entropySource({ architecture, config, specs: specsOf(weights) }, 2, SHAPE.base),
      );
      const { entropy } = await measure.run(
        { ids: text.ids, segments: text.segments },
        { state: trainer.state },
      );
      const { places, valid } = choosePlaces(
        SHAPE,
        text,
        entropy!.data as Float32Array,
        stream(1, 'places', step),
      );
      await sampler.load(await trainer.weights('param'));
      const said = await sampler.sample(text, places, { seed: 1, stream: 'thoughts', counter: step });
      const scalars = {
        ...{ rewardSpread: scale.value, rewardThreshold: 0 },
        ...{ policyWeight: 1, klWeight: 0.1, entropyWeight: 0.01 },
      };
      const extras = {
        ...{ places, valid, thoughts: said.ids, lengths: said.lengths },
        ...Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, Float32Array.of(value)])),
      };
      const result = await trainer.step([{ ...text, extras }], {
        ...{ step, learningRateScale: 1, emaDecay: 0.9 },
      });
      scale.observe(result.metrics['rl/reward_std']!);
      results.push(result);
    }
    await sampler.dispose();
    await trainer.dispose();
    return results;
  }

  test('an unbounded head begins exactly at the text alone, and so does the anchor', async () => {
    const [first] = await train(await trainerOf(false), 1);
    expect(first!.metrics['rl/mixing_weight']).toBe(0);
    expect(first!.metrics['rl/talk_gain']).toBe(0);
    expect(first!.metrics['rl/reward_std']).toBe(0);
    expect(Math.abs(first!.metrics['rl/policy_loss']!)).toBe(0);
    expect(first!.metrics['rl/kl_divergence']).toBeCloseTo(0, 6);
    expect(first!.metrics['rl/num_thoughts']).toBeGreaterThan(0);
  });

  test('the whole round learns: places, thoughts, rewards, update', async () => {
    const results = await train(await trainerOf(true), 8);
    const [first, last] = [results[0]!, results.at(-1)!];
    expect(first.metrics['rl/mixing_weight']).toBeCloseTo(0.0998, 3);
    for (const { loss, skipped, metrics } of results) {
      expect(skipped).toBe(false);
      expect(Number.isFinite(loss)).toBe(true);
      expect(metrics['rl/reward_std']).toBeGreaterThan(0);
      expect(metrics['rl/entropy']).toBeLessThanOrEqual(Math.log(47) + 1e-4);
    }
    expect(last.crossEntropy).toBeLessThan(first.crossEntropy);
    expect(last.metrics['rl/kl_divergence']).toBeGreaterThan(0);
  });
});
