import * as tf from '@tensorflow/tfjs';
import { stream } from '../../../nn/random/index.js';
import { useCpuBackend } from '../../support/engines.js';
import { plainObjective, thoughtGradient, toyObjective, toyParams, type ToyStep } from './toy.js';

/** ln p(0) after thought 1: half of the lift of 2 among four logits; and after thought 0: one of four. */
const USEFUL = 1 - Math.log(Math.E + 3);
const USELESS = -Math.log(4);
const LOGITS = [0.6, -0.3] as const;

const softmax = ([a, b]: readonly [number, number], temperature: number): [number, number] => {
  const odds = Math.exp((b - a) / temperature);
  return [1 / (1 + odds), odds / (1 + odds)];
};

describe('Quiet-STaR objective, the toy of two thoughts', () => {
  useCpuBackend();

  const metrics = (step: ToyStep): Record<string, number> =>
    tf.tidy(() =>
      Object.fromEntries(
        Object.entries(toyObjective(toyParams(LOGITS), step).metrics).map(([name, value]) => [
          name,
          value.dataSync()[0]!,
        ]),
      ),
    );

  test('its rewards, gain and entropy are the hand-computed ones', () => {
    const found = metrics({ thoughts: [0, 1] });
    const [p0, p1] = softmax(LOGITS, 1);
    expect(found['rl/reward']).toBeCloseTo((USEFUL + USELESS) / 2, 5);
    expect(found['rl/reward_std']).toBeCloseTo((USEFUL - USELESS) / 2, 5);
    expect(found['rl/advantages']).toBeCloseTo((USEFUL - USELESS) / 4, 5);
    expect(found['rl/talk_loss']).toBeCloseTo(-(USEFUL + USELESS) / 2, 5);
    expect(found['rl/talk_gain']).toBeCloseTo((USEFUL - USELESS) / 2, 5);
    expect(found['rl/entropy']).toBeCloseTo(-p0 * Math.log(p0) - p1 * Math.log(p1), 5);
    expect(found['rl/mixing_weight']).toBeCloseTo(0.5, 6);
    expect(found['rl/num_thoughts']).toBe(2);
  });

  test('without a mixing head what is said after a thought stands as it is', () => {
    const params = Object.fromEntries(
      Object.entries(toyParams(LOGITS)).filter(([name]) => !name.startsWith('thought.mixing')),
    );
    const found = tf.tidy(() => toyObjective(params, { thoughts: [0, 1] }).metrics);
    const value = (name: string): number => found[name]!.dataSync()[0]!;
    // The useful thought lifts one of four logits by 2.
    const useful = 2 - Math.log(Math.exp(2) + 3);
    expect(value('rl/talk_loss')).toBeCloseTo(-(useful + USELESS) / 2, 5);
    expect(value('rl/mixing_weight')).toBe(1);
  });

  test('its policy gradient is the hand-computed one', () => {
    const step: ToyStep = { thoughts: [0, 1], weights: { policyWeight: 1 } };
    const advantage = (USEFUL - USELESS) / 2;
    const [p0] = softmax(LOGITS, 3);
    // -1/2 (two thoughts) advantage (1 - p1) / 3 by the logit of thought 1; thought 0 is clamped away.
    const pull = (advantage * p0) / 6;
    const [first, second] = thoughtGradient(toyParams(LOGITS), step);
    expect(second).toBeCloseTo(-pull, 6);
    expect(first).toBeCloseTo(pull, 6);
    expect(pull).toBeGreaterThan(0.01);
  });

  test('without the clamp the useless thought is pushed away as well', () => {
    const step: ToyStep = {
      thoughts: [0, 1],
      weights: { policyWeight: 1 },
      options: { clampAdvantages: false },
    };
    const advantage = (USEFUL - USELESS) / 2;
    const [first, second] = thoughtGradient(toyParams(LOGITS), step);
    // advantage/6 (p0 + p1) = advantage/6
    expect(second).toBeCloseTo(-advantage / 6, 6);
    expect(first).toBeCloseTo(advantage / 6, 6);
  });

  test('equal thoughts give no policy gradient, nor does a place that leaves its document', () => {
    const [same] = thoughtGradient(toyParams(LOGITS), { thoughts: [1, 1], weights: { policyWeight: 1 } });
    expect(Math.abs(same)).toBeLessThan(1e-8);
    const step: ToyStep = {
      thoughts: [0, 1],
      weights: { policyWeight: 1 },
      options: { shape: { base: 4, positions: 1, thoughts: 2, length: 1, talk: 3 } },
    };
    // From the second of four tokens three cannot follow.
    expect(thoughtGradient(toyParams(LOGITS), step)).toEqual([0, 0]);
  });

  test('a thought without tokens carries no policy term, and no entropy', () => {
    const advantage = (USEFUL - USELESS) / 2;
    const [p0, p1] = softmax(LOGITS, 3);
    const [first, second] = thoughtGradient(toyParams(LOGITS), {
      // The second said nothing; the 0 in its slot is not there.
      ...{ thoughts: [1, 0], lengths: [1, 0], weights: { policyWeight: 1 } },
      options: { clampAdvantages: false },
    });
    expect(second).toBeCloseTo((-advantage * p0) / 6, 6);
    expect(first).toBeCloseTo((advantage * p0) / 6, 6);
    // With its 0 it would be pushed away too, by p1 more.
    expect((advantage * p1) / 6).toBeGreaterThan(0.005);
    const [h0, h1] = softmax(LOGITS, 1);
    const entropy = -h0 * Math.log(h0) - h1 * Math.log(h1);
    const found = metrics({ thoughts: [1, 0], lengths: [1, 0] });
    expect(found['rl/entropy']).toBeCloseTo(entropy, 5);
    expect(found['rl/reward']).toBeCloseTo((USEFUL + USELESS) / 2, 5);
    expect(Math.abs(metrics({ thoughts: [1, 0], lengths: [0, 0] })['rl/entropy']!)).toBe(0);

    // Of two tokens the second is drawn from equal logits. Mean over tokens, then over thoughts.
    const longer = { options: { shape: { base: 4, positions: 1, thoughts: 2, length: 2, talk: 1 } } };
    const own = metrics({ thoughts: [0, 1, 1, 0], lengths: [2, 1], ...longer });
    expect(own['rl/entropy']).toBeCloseTo(((entropy + Math.log(2)) / 2 + entropy) / 2, 5);
  });

  test('where thoughts may end themselves, END is among what is drawn', () => {
    // Logits 0.6, -0.3 and 0 of END.
    const odds = [0.6, -0.3, 0].map(Math.exp);
    const sum = odds.reduce((all, each) => all + each);
    const entropy = -odds.reduce((all, each) => all + (each / sum) * Math.log(each / sum), 0);
    const found = metrics({ thoughts: [0, 1], options: { ending: true } });
    expect(found['rl/entropy']).toBeCloseTo(entropy, 5);
  });

  test('the entropy term spreads the thoughts, the divergence is zero for the reference itself', () => {
    const [first, second] = thoughtGradient(toyParams(LOGITS), {
      thoughts: [1, 1],
      weights: { entropyWeight: 1 },
    });
    // d(-H)/dz_v = p_v (ln p_v + H): towards equal logits.
    expect(first).toBeGreaterThan(0.01);
    expect(second).toBeCloseTo(-first, 6);
    const own = metrics({ thoughts: [0, 1], reference: toyParams([3, 3]) });
    expect(own['rl/kl_divergence']).toBeCloseTo(0, 6);
    const other = toyParams(LOGITS);
    other['table'] = tf.add(other['table']!, tf.tensor2d([1, 0, 0, 0], [1, 4]));
    // Three targets, each KL of (1/4, 1/4, 1/4, 1/4) against softmax(1, 0, 0, 0).
    const expected = Math.log(Math.E + 3) - 1 / 4 - Math.log(4);
    expect(metrics({ thoughts: [0, 1], reference: other })['rl/kl_divergence']).toBeCloseTo(expected, 5);
  });

  test('the loss is the weighted sum of its terms', () => {
    const reference = toyParams(LOGITS);
    reference['table'] = tf.add(reference['table']!, tf.tensor2d([1, 0, 0, 0], [1, 4]));
    const found = metrics({
      thoughts: [0, 1],
      weights: { policyWeight: 2, klWeight: 3, entropyWeight: 5 },
      options: { baseWeight: 0.5, talkWeight: 0.25 },
      reference,
    });
    const sum =
      0.5 * Math.log(4) +
      0.25 * found['rl/talk_loss']! +
      2 * found['rl/policy_loss']! +
      3 * found['rl/kl_divergence']! -
      5 * found['rl/entropy']!;
    expect(found['rl/total_loss']).toBeCloseTo(sum, 5);
  });

  test('without thoughts it is the text and the anchor', () => {
    const reference = toyParams(LOGITS);
    reference['table'] = tf.add(reference['table']!, tf.tensor2d([1, 0, 0, 0], [1, 4]));
    const weights = { baseWeight: 0.5, klWeight: 3 };
    const { loss, metrics: found } = plainObjective(toyParams(LOGITS), { ...weights, reference });
    const divergence = Math.log(Math.E + 3) - 1 / 4 - Math.log(4);
    expect(found['rl/kl_divergence']!.dataSync()[0]).toBeCloseTo(divergence, 5);
    expect(loss.dataSync()[0]).toBeCloseTo(0.5 * Math.log(4) + 3 * divergence, 5);
    const free = plainObjective(toyParams(LOGITS), weights);
    expect(free.loss.dataSync()[0]).toBeCloseTo(0.5 * Math.log(4), 5);
    expect(free.metrics).not.toHaveProperty(['rl/kl_divergence']);
  });

  test('after 200 steps its thinker prefers the useful thought', () => {
    const random = stream(3, 'toy');
    let logits: [number, number] = [1, -1]; // begins with the useless one, 0.88 to 0.12
    for (let step = 0; step < 200; step++) {
      const sample = (): number => (random.uniform() < softmax(logits, 1)[1] ? 1 : 0);
      const params = toyParams(logits);
      const gradient = thoughtGradient(params, {
        thoughts: [sample(), sample()],
        weights: { policyWeight: 1 },
      });
      logits = [logits[0] - 3 * gradient[0], logits[1] - 3 * gradient[1]];
      tf.dispose(params);
    }
    expect(softmax(logits, 1)[1]).toBeGreaterThan(0.9);
  });
});
