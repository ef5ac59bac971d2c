import { judgePhase, repeatedTests, type GateSubject } from '../../../../plugins/phases/bitnet/gates.js';
import type { TheaterReport } from '../../../../plugins/phases/shared/theater/index.js';
import { examined, record, thought } from '../quietstar/support.js';
import { completeOptions } from './support.js';

/** Questions of the packed model. @param right letters of an arm, each for all questions */
function asked(count: number, right: { readonly with: string; readonly without: string }): TheaterReport {
  const records = Array.from({ length: count }, () => record());
  const worse = right.without.repeat(count);
  const arms = { with: right.with.repeat(count), without: worse, other: worse };
  const thoughts = records.map(() => ({ ...thought([1, 2, 3]), direct: [7, 8, 9] }));
  return repeatedTests(examined(records, arms, thoughts).arms, { seed: 1, resamples: 200 });
}

const HELPFUL = { with: 'r', without: 'w' };

const facts = {
  model: { name: 'ternary-latent', metadata: { parameters: 100 } },
  finite: true,
  stored: true,
  causality: 0,
};

const subject = async (changes: Partial<GateSubject> = {}): Promise<GateSubject> => ({
  options: await completeOptions(),
  integrity: [facts, facts] as never,
  readBack: true,
  gradientFlow: { matrices: 3, cut: [] },
  ...{ agreement: 0.995, ratio: 8.2, bytes: 20e6, retention: 0.9, perplexityRise: 0.1, recovered: 0.6 },
  ...{ speedup: 2, sparsity: 0.25 },
  theater: asked(500, HELPFUL),
  ...changes,
});

const judged = async (changes: Partial<GateSubject> = {}) =>
  Object.fromEntries(judgePhase(await subject(changes)).map((gate) => [gate.name, gate]));

const TARGETS = [
  ...['dequantization_agreement', 'compression', 'file_size', 'accuracy_retention', 'perplexity', 'recovery'],
  ...['thoughts_help', 'anti_theater', 'speedup', 'sparsity'],
];

describe('gates of phase 4', () => {
  it('pass at their limits', async () => {
    const gates = await judged();
    expect(Object.keys(gates)).toEqual([
      ...['finite_weights', 'weights_stored', 'causality', 'packed_read_back', 'gradient_flow'],
      ...TARGETS,
    ]);
    for (const { name, passed } of Object.values(gates)) expect([name, passed]).toEqual([name, true]);
    expect((await judged({ sparsity: 0.45 }))['sparsity']!.passed).toBe(true);
  });

  it.each<[string, Partial<GateSubject>]>([
    ['dequantization_agreement', { agreement: 0.9949 }],
    ['compression', { ratio: 8.19 }],
    ['file_size', { bytes: 20e6 + 1 }],
    ['accuracy_retention', { retention: 0.899 }],
    ['perplexity', { perplexityRise: 0.101 }],
    ['recovery', { recovered: 0.59 }],
    ['speedup', { speedup: 1.99 }],
    ['sparsity', { sparsity: 0.249 }],
    ['sparsity', { sparsity: 0.451 }],
    ['packed_read_back', { readBack: false }],
    ['gradient_flow', { gradientFlow: { matrices: 3, cut: ['layers.0.ffn.up'] } }],
    ['finite_weights', { integrity: [facts, { ...facts, finite: false }] as never }],
    ['weights_stored', { integrity: [{ ...facts, stored: false }, facts] as never }],
    ['causality', { integrity: [facts, { ...facts, causality: 1 }] as never }],
  ])('%s fails just beyond its limit, and nothing else', async (name, changes) => {
    const failed = Object.values(await judged(changes)).filter(({ passed }) => passed === false);
    expect(failed.map((gate) => gate.name)).toEqual([name]);
  });

  it('says how many matrices a gradient reaches', async () => {
    const { gradient_flow: gate } = await judged({ gradientFlow: { matrices: 3, cut: ['a'] } });
    expect(gate).toMatchObject({ measured: 2, target: 'all of 3 matrices', class: 'integrity' });
  });

  it('does not judge what was not measured, and says so', async () => {
    const gates = await judged({
      ...{
        agreement: null,
        retention: null,
        recovered: null,
        speedup: null,
        sparsity: null,
        gradientFlow: null,
      },
      theater: repeatedTests(examined([], {}).arms, {}),
    });
    const unknown = Object.values(gates).filter(({ passed }) => passed === null);
    expect(unknown.map(({ name }) => name)).toEqual([
      'gradient_flow',
      ...['dequantization_agreement', 'accuracy_retention', 'recovery', 'thoughts_help', 'anti_theater'],
      ...['speedup', 'sparsity'],
    ]);
    for (const { reason } of unknown) expect(reason).toBeTruthy();
  });

  it('thoughts help where that is more than chance', async () => {
    const gates = await judged({ theater: asked(500, { with: 'r', without: 'r' }) });
    expect(gates['thoughts_help']).toMatchObject({ measured: 0, passed: false });
    expect(gates['anti_theater']!.passed).toBe(false);
  });

  it('tests of theater that few questions cannot judge are not passed', async () => {
    const gates = await judged({ theater: asked(60, HELPFUL) });
    expect(gates['thoughts_help']!.passed).toBe(true);
    expect(gates['anti_theater']!.passed).toBe(null);
  });

  it('parameters are counted only where a range is asked for, of both models', async () => {
    const options = await completeOptions({ gates: { parameterRange: [1, 99] } });
    const gates = await judged({ options });
    expect(gates['parameter_range/ternary-latent']).toMatchObject({ measured: 100, passed: false });
  });
});
