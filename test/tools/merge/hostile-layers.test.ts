import { isForgeError } from '../../../core/errors/index.js';
import { planMerge, readRecipe } from '../../../tools/merge/index.js';
import { llamaShapes, randomTensors, writeCheckpoint } from './support/checkpoints.js';
import { mergeFixture } from './support/fixture.js';

const setup = mergeFixture();
const { folder } = setup;
test.each([
  ['999999999', '[0, 1000000000]'],
  ['999998', '[0, 999999]'],
  ['3', '[0, 4]'],
  ['9'.repeat(400), '[0, 1000000000]'],
])('layers that a name claims and nothing fills are refused at once: %s', async (layer, range) => {
  const cwd = folder.join(`claims-${layer.slice(0, 12)}`);
  const tensors = randomTensors(llamaShapes(), 1);
  await writeCheckpoint(`${cwd}/a`, {
    ...tensors,
    [`model.layers.${layer}.x`]: { shape: [1], dtype: 'float32', data: Float32Array.of(1) },
  });
  const text = `merge_method: passthrough\nslices: [{sources: [{model: ./a, layer_range: ${range}}]}]`;
  const [step] = await readRecipe(text, 'recipe.yml', setup.world);
  const error: unknown = await planMerge(step!.recipe, { folders: [cwd] }).catch((thrown: unknown) => thrown);
  if (!isForgeError(error)) throw error;
  expect(error.code).toBe('AF_MERGE_CHECKPOINTS');
  expect(error.problems[0]!.message).toMatch(/none of some layers before it|has 2$/);
});

test('a whole merge takes a number that is none of a layer for a part of the name', async () => {
  const cwd = folder.join('whole');
  const name = `model.layers.${'9'.repeat(400)}.x`;
  for (const model of ['a', 'b'])
    await writeCheckpoint(`${cwd}/${model}`, {
      [name]: { shape: [1], dtype: 'float32', data: Float32Array.of(1) },
    });
  const text = 'method: linear\nmodels: [./a, ./b]\nparameters: { weight: [0, 1] }';
  const [step] = await readRecipe(text, 'recipe.yml', setup.world);
  const plan = await planMerge(step!.recipe, { folders: [cwd] });
  await plan.close();
  expect(plan.shards[0]!.tensors[0]).toMatchObject({ name, layer: undefined, weights: [0, 0] });
});
