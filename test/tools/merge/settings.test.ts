import fc from 'fast-check';
import { evaluateSetting, valuesIn } from '../../../tools/merge/settings.js';

const at = (setting: Parameters<typeof evaluateSetting>[0], position: number, tensor = 'x') =>
  evaluateSetting(setting, tensor, position);

test('one value holds everywhere', () => {
  expect([0, 0.5, 1].map((position) => at(0.3, position))).toEqual([0.3, 0.3, 0.3]);
  expect(at(false, 0.7)).toBe(false);
});

test('a gradient is a line between its points', () => {
  expect([0, 0.25, 0.5, 0.75, 1].map((position) => at([0, 1], position))).toEqual([0, 0.25, 0.5, 0.75, 1]);
  expect(at([0, 0.35, 1], 0.5)).toBe(0.35);
  expect(at([0, 0.35, 1], 0.75)).toBeCloseTo(0.675, 12);
  expect(at([0.4], 0.6)).toBe(0.4);
});

test('a gradient of switches takes the one at the position, rounded down', () => {
  expect([0, 0.49, 0.5, 0.99, 1].map((position) => at([true, false, true], position))).toEqual([
    true,
    true,
    false,
    false,
    true,
  ]);
});

test('the first filter that is part of the name wins; a star and no filter match everything', () => {
  const setting = [
    { filter: 'self_attn', value: [0, 1] },
    { filter: 'mlp', value: 0.25 },
    { filter: '*', value: 0.5 },
    { value: 0.75 },
  ];
  expect(at(setting, 0.5, 'model.layers.3.self_attn.q_proj.weight')).toBe(0.5);
  expect(at(setting, 0.9, 'model.layers.3.mlp.up_proj.weight')).toBe(0.25);
  expect(at(setting, 0.9, 'lm_head.weight')).toBe(0.5);
  expect(at([{ value: 0.75 }], 0, 'anything')).toBe(0.75);
  expect(at([{ filter: 'mlp', value: 1 }], 0, 'lm_head.weight')).toBeUndefined();
});

test('every value of a setting', () => {
  expect(valuesIn(0.5)).toEqual([0.5]);
  expect(valuesIn([0, 1])).toEqual([0, 1]);
  expect(valuesIn([{ filter: 'a', value: [1, 2] }, { value: 3 }])).toEqual([1, 2, 3]);
});

test('a gradient stays between its points and meets its ends', () => {
  const points = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(points, fc.double({ min: 0, max: 1, noNaN: true }), (gradient, position) => {
      const value = at(gradient, position) as number;
      expect(value).toBeGreaterThanOrEqual(Math.min(...gradient) - 1e-9);
      expect(value).toBeLessThanOrEqual(Math.max(...gradient) + 1e-9);
      expect(at(gradient, 0)).toBeCloseTo(gradient[0]!, 9);
      expect(at(gradient, 1)).toBeCloseTo(gradient.at(-1)!, 9);
    }),
  );
});
