import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MERGE } from 'agentforge';
import { implementationOf, mergeConformance } from 'agentforge/testing';
import { average } from './average.ts';

// What every merge technique must hold: identical models stay as they are, nothing is changed in place, ...
for (const { name, run } of mergeConformance(() => implementationOf(MERGE, average()))) {
  test(name, run);
}

test('averages weight by weight', async () => {
  const { merge } = await implementationOf(MERGE, average());
  const merged = merge({
    name: 'weights',
    shape: [2],
    models: [Float32Array.of(1, 10), Float32Array.of(3, -10)],
    weights: [1, 1],
    parameters: {},
    modelParameters: [],
    random: { uniform: () => 0, normal: () => 0, integer: () => 0 },
  });
  assert.deepEqual([...merged], [2, 0]);
});
