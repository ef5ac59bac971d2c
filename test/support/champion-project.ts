import { openProject } from 'agentforge';
import { tinyChampion } from '../../testing/index.js';
import { projectFolder } from './cli.js';

/** What the champion was made with. */
export const CHAMPION_SEED = 42;

/** Sums that the model was trained on are `tiny`; `more` has some of them, and one other text. */
const CONFIG = `
import { defineConfig, defineDataset } from 'agentforge';
import { tinyDataset, tinyRecords } from 'agentforge/testing';

const more = defineDataset({
  name: 'more',
  create: () => ({
    category: 'math', synthetic: true,
    load: async () => [...tinyRecords(20, ${CHAMPION_SEED}), { text: 'A text that no training ever saw.' }],
  }),
});

export default defineConfig({
  seed: 7, plugins: [tinyDataset(), more()], options: { onnxruntime: { threads: 1 } },
});
`;

/** A project whose registry has one model, `champion`, that says what was held out of its training. */
export async function championProject(): Promise<ReturnType<typeof projectFolder>> {
  const folder = projectFolder(CONFIG);
  const project = await openProject({ cwd: folder.path });
  const { artifacts } = await project.kernel.storage();
  const { ref } = await tinyChampion({ seed: CHAMPION_SEED, store: artifacts });
  await (await project.kernel.registry()).registerModel(ref);
  await project.dispose();
  return folder;
}
