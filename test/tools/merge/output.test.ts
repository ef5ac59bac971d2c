import { readFileSync, writeFileSync } from 'node:fs';
import { planMerge, readRecipe, type PlanOptions } from '../../../tools/merge/index.js';
import { openSafetensors, type StoredDtype } from '../../../storage/safetensors/index.js';
import {
  llamaConfig,
  llamaShapes,
  randomTensors,
  writeCheckpoint,
  type CheckpointOptions,
} from './support/checkpoints.js';
import { mergeFixture } from './support/fixture.js';
import { mergeText } from './support/merge.js';

const setup = mergeFixture();
const { folder } = setup;

const RECIPE = JSON.stringify({ method: 'linear', models: ['./a', './b'] });

/** Two models stored alike, merged; what config.json says and what the file holds. */
async function merged(stored: CheckpointOptions, plan: Partial<PlanOptions> = {}) {
  const cwd = setup.newCase();
  for (const [seed, name] of ['a', 'b'].entries()) {
    const tensors = randomTensors(llamaShapes(), seed + 1);
    if (stored.dtype !== 'F64') await writeCheckpoint(`${cwd}/${name}`, tensors, stored);
    else {
      // The writer has no float64 of its own: it takes the bytes.
      const wide = Object.fromEntries(
        Object.entries(tensors).map(([key, { shape, data }]) => {
          const bytes = new Uint8Array(Float64Array.from(data).buffer);
          return [key, { shape, dtype: 'float32' as const, data: bytes }];
        }),
      );
      await writeCheckpoint(`${cwd}/${name}`, wide, stored);
    }
  }
  const report = await mergeText(RECIPE, setup.world, { cwd, output: `${cwd}/out`, plan });
  const reader = await openSafetensors(`${cwd}/out/model.safetensors`);
  const dtypes = new Set([...reader.entries.values()].map(({ dtype }) => dtype));
  await reader.close();
  const config = JSON.parse(readFileSync(`${cwd}/out/config.json`, 'utf8')) as Record<string, unknown>;
  const card = readFileSync(`${cwd}/out/README.md`, 'utf8');
  return { config, dtypes: [...dtypes], warnings: report.warnings, card };
}

const claiming = (changes: object): object => ({ ...llamaConfig(), ...changes });

test.each<[string, CheckpointOptions, string, StoredDtype]>([
  ['float64', { dtype: 'F64', config: claiming({ torch_dtype: 'float64' }) }, 'float32', 'F32'],
  ['a wrong type', { dtype: 'BF16', config: claiming({ torch_dtype: 'float32' }) }, 'bfloat16', 'BF16'],
  ['the right type', { dtype: 'F16', config: claiming({ torch_dtype: 'float16' }) }, 'float16', 'F16'],
])('config.json that claims %s says what is stored', async (_what, stored, claimed, dtype) => {
  const result = await merged(stored);
  expect(result.dtypes).toEqual([dtype]);
  expect(result.config['torch_dtype']).toBe(claimed);
  expect(result.card).toContain(`- stored as: ${dtype}\n`);
});

test('what is stored narrower than it came without anybody asking is told', async () => {
  const { warnings } = await merged({ dtype: 'F64' });
  expect(warnings).toEqual([
    expect.stringMatching(/^\d+ tensors are float64 in the models and stored as float32\.$/),
  ]);
  expect((await merged({ dtype: 'F64' }, { dtype: 'float32' })).warnings).toEqual([]);
});

test('of several types config.json names the one of most numbers, under either name', async () => {
  const dtypes = { 'model.norm.weight': 'F32' as const };
  const config = { model_type: 'llama', num_hidden_layers: 2, dtype: 'float32' };
  expect((await merged({ dtype: 'BF16', dtypes, config })).config['dtype']).toBe('bfloat16');
});

test('a config.json that names no type gets one only when one was chosen', async () => {
  const config = { model_type: 'llama', num_hidden_layers: 2 };
  expect((await merged({ config })).config).toEqual(config);
  expect((await merged({ config }, { dtype: 'float16' })).config).toEqual({
    ...config,
    torch_dtype: 'float16',
  });
});

test('weights beside the index of a model are told of', async () => {
  const cwd = folder.join('beside');
  for (const [seed, name] of ['a', 'b'].entries())
    await writeCheckpoint(`${cwd}/${name}`, randomTensors(llamaShapes(), seed), { shards: 2 });
  writeFileSync(`${cwd}/b/model.safetensors`, 'left over');
  const [step] = await readRecipe(RECIPE, 'recipe.json', setup.world);
  const plan = await planMerge(step!.recipe, { folders: [cwd] });
  await plan.close();
  expect(plan.warnings).toEqual([expect.stringMatching(/^\.\/b: it has .* and also "model\.safetensors"/)]);
});
