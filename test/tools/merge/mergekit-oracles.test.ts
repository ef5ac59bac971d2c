import { readdirSync } from 'node:fs';
import { openSafetensors, readAllTensors } from '../../../storage/safetensors/index.js';
import { oracles } from '../../support/oracles.js';
import { largestDifference, readCheckpoint } from './support/checkpoints.js';
import { mergeFixture } from './support/fixture.js';
import { mergeFile } from './support/merge.js';

const mergekit = oracles('mergekit');
const cases = mergekit.present
  ? readdirSync(mergekit.path()).flatMap((name) => (name.endsWith('.yml') ? [name.slice(0, -4)] : []))
  : [];

mergekit.describe('recipes that mergekit carried out', () => {
  const setup = mergeFixture();
  test('there are 16 of them', () => expect(cases).toHaveLength(16));

  test.each(cases)('%s: the same tensors', async (name) => {
    const output = setup.folder.join(name);
    await mergeFile(mergekit.path(`${name}.yml`), setup.world, { output });
    const reader = await openSafetensors(mergekit.path(`${name}.safetensors`));
    const expected = await readAllTensors(reader);
    const dtypes = new Set([...reader.entries.values()].map(({ dtype }) => dtype));
    await reader.close();
    const found = await readCheckpoint(output);
    const written = await openSafetensors(`${output}/model.safetensors`);
    expect(new Set([...written.entries.values()].map(({ dtype }) => dtype))).toEqual(dtypes);
    await written.close();
    expect(largestDifference(found, expected)).toBeLessThanOrEqual(1e-5);
  });
});
