import { ENGINE, type Engine } from '../../../core/contracts/engine.js';
import { initializeWeights } from '../../../nn/models/index.js';
import { onnxruntime } from '../../../plugins/engines/onnxruntime/index.js';
import { describeTitansMag } from '../../../plugins/architectures/titans-mag/describe.js';
import { specsOf } from '../../../nn/training/state.js';
import { implementationOf } from '../../../testing/index.js';
import { batchIn, objective, randomBatch, titansMagSettings } from '../../support/titans-mag.js';

describe('the reference configuration of 25,900,801 parameters', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await (await implementationOf(ENGINE, onnxruntime())).open();
  });
  afterAll(() => engine.dispose());

  test('starts at ln V, with an open gate and rare halting', async () => {
    const config = titansMagSettings();
    const weights = initializeWeights(describeTitansMag(config), 42);
    const batch = { ...randomBatch(config, 1, 32) };
    const state = await engine.createState(weights);
    const program = await engine.compile(
      (inputs, params) => {
        const { crossEntropy, metrics } = objective(config, params, batchIn(inputs));
        return { outputs: { crossEntropy, ...metrics } };
      },
      { name: 'start', inputs: specsOf(batch), state: specsOf(weights) },
    );
    const feeds = Object.fromEntries(Object.entries(batch).map(([name, { data }]) => [name, data]));
    const found = await program.run(feeds, { state });
    const value = (name: string): number => found[name]!.data[0]!;
    expect(Math.abs(value('crossEntropy') - Math.log(32768))).toBeLessThan(0.3);
    expect(value('gate/avg_g')).toBeCloseTo(0.5, 2);
    expect(value('gate/entropy')).toBeGreaterThan(0.69);
    expect(value('act/halt_prob_step0')).toBeCloseTo(1 / (1 + Math.exp(5)), 4);
    // Each recursion step starts near the identity: the steps agree.
    expect(value('loss/step_2')).toBeCloseTo(value('loss/step_0'), 2);
  });
});
