import { atLeast, atMost, between, equals, holds } from '../../../core/contracts/gates.js';

test.each([
  [atLeast('x', 0.2, 0.2), true, '>= 0.2'],
  [atLeast('x', 0.19, 0.2), false, '>= 0.2'],
  [atMost('x', 1e-5, 1e-5), true, '<= 0.00001'],
  [atMost('x', 4.2, 4.123456789), false, '<= 4.1235'],
  [between('x', 22_500_000, [22_500_000, 27_500_000]), true, '22500000..27500000'],
  [between('x', 27_500_001, [22_500_000, 27_500_000]), false, '22500000..27500000'],
  [equals('x', 8, 8), true, '= 8'],
  [holds('x', false, 'finite', 'integrity'), false, 'finite'],
])('%j', (gate, passed, target) => {
  expect(gate).toMatchObject({ name: 'x', passed, target });
  expect(gate.reason).toBeUndefined();
});

test('limits are compared exactly, however they are printed', () => {
  expect(atLeast('x', 0.123_456, 0.123_456_7)).toMatchObject({ passed: false, target: '>= 0.12346' });
});

test('what could not be measured is neither passed nor failed', () => {
  expect(atLeast('x', null, 1)).toEqual({
    name: 'x',
    class: 'target',
    measured: null,
    target: '>= 1',
    passed: null,
    reason: 'not measured',
  });
  expect(atMost('x', Number.NaN, 1).passed).toBe(false);
});
