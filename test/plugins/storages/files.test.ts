import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  REGISTRY,
  STORAGE,
  type Forge,
  type Plugin,
  type RegistryProvider,
  type StorageProvider,
  type Token,
} from '../../../core/contracts/index.js';
import { lowdb } from '../../../plugins/registries/lowdb/index.js';
import { files } from '../../../plugins/storages/files.js';
import { sessionRecord } from '../../storage/support/records.js';
import { scratchFolders } from '../../storage/support/scratch.js';

const scratch = scratchFolders();

/** Apply one plugin to a kernel that only remembers what is provided and warned of. */
async function applied<T>(
  plugin: Plugin,
  token: Token<T>,
  options: Record<string, unknown> = {},
): Promise<{ provided: T; warnings: string[] }> {
  const provided = new Map<string, unknown>();
  const warnings: string[] = [];
  const forge = {
    log: { warn: (message: string) => warnings.push(message) },
    provide: (point: Token<unknown>, name: string, create: (overrides: null) => unknown) =>
      provided.set(`${point.id}:${name}`, create(null)),
  };
  await plugin.apply(forge as unknown as Forge, options);
  return { provided: provided.get(`${token.id}:${plugin.name}`) as T, warnings };
}

it('provides storage in files, which warns of damage', async () => {
  const { provided, warnings } = await applied<StorageProvider>(files(), STORAGE);
  const storage = await provided.open(await scratch());
  const session = await storage.openSession('s', { create: true });
  const area = session.checkpoints('cognate');
  for (const step of [1, 2, 3]) await area.save({ step, tensors: {}, state: { step } }, { keep: 2 });
  const folder = join(session.folder, 'checkpoints', 'cognate');
  await writeFile(join(folder, 'step-000000003', 'state.json'), '{}');
  expect((await area.latest())?.step).toBe(2);
  expect(warnings).toEqual([expect.stringContaining('step-000000003 is damaged')]);
  await writeFile(join(folder, 'step-000000002', 'state.json'), '{}');
  await expect(area.latest()).rejects.toMatchObject({ problems: { length: 2 } });
});

it('provides the lowdb registry, which warns of damage', async () => {
  const { provided, warnings } = await applied<RegistryProvider>(lowdb(), REGISTRY);
  const folder = await scratch();
  const registry = await provided.open(folder);
  await registry.createSession(sessionRecord('a'));
  await registry.createSession(sessionRecord('b'));
  await writeFile(join(folder, 'registry.json'), '');
  expect(await registry.sessions()).toHaveLength(1);
  expect(warnings).toEqual([expect.stringContaining('previous snapshot')]);
});

it('describes itself for listings and checks its options by schema', () => {
  expect(files()).toMatchObject({
    name: 'files',
    provides: ['storage'],
    optionsSchema: { additionalProperties: false },
  });
  expect(lowdb()).toMatchObject({ name: 'lowdb', provides: ['registry'] });
});
