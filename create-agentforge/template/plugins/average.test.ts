import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MERGE } from 'agentforge';
import { implementationOf, mergeConformance, mergeInput } from 'agentforge/testing';
import { average } from './average.ts';

// What every merge technique must hold: identical models stay as they are, nothing is changed in place, ...
for (const { name, run } of mergeConformance(() => implementationOf(MERGE, average()))) {
  test(name, run);
}

test('averages weight by weight', async () => {
  const method = await implementationOf(MERGE, average());
  const merged = method.merge(
    mergeInput(method, {
      models: [
        [1, 10],
        [3, -10],
      ],
    }),
  );
  assert.deepEqual([...merged], [2, 0]);
});
