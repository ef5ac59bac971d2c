import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { characters } from '../../../../examples/third-party-tokenizer/characters.js';
import { TOKENIZER } from '../../../../core/contracts/tokenizer.js';
import { openStartingModel, type StartingModel } from '../../../../plugins/phases/shared/model/start.js';
import { llama } from '../../../../plugins/index.js';
import { FileArtifactStore } from '../../../../storage/artifacts.js';
import { openSafetensors, openModelTensors } from '../../../../storage/safetensors/index.js';
import { createTestKernel, implementationOf } from '../../../../testing/index.js';
import { oracles } from '../../../support/oracles.js';

const folder = oracles('llama');

folder.describe.each(['gqa-tied-bf16-sharded', 'gqa-untied-fp16', 'theta-fp32-sharded'])(
  'a model that goes on from %s',
  (name) => {
    const scratch = mkdtempSync(join(tmpdir(), 'agentforge-start-'));
    afterAll(() => rmSync(scratch, { recursive: true, force: true }));

    const open = async (): Promise<StartingModel> => {
      cpSync(folder.path(name), join(scratch, name), { recursive: true });
      const kind = await implementationOf(TOKENIZER, characters());
      const letters = await kind.train(['abc abd'], { vocabularySize: 96 });
      writeFileSync(join(scratch, name, 'tokenizer.json'), letters.serialize());
      const { kernel, dispose } = await createTestKernel({ plugins: [llama(), characters()] });
      try {
        const context = {
          resolve: kernel.resolve.bind(kernel),
          names: kernel.names.bind(kernel),
          validate: (_schema: object, value: unknown) => value,
        };
        return await openStartingModel(context, join(scratch, name), {}, 'model');
      } finally {
        await dispose();
      }
    };

    test('is stored with the bytes of every tensor that was not changed, and what was in float32', async () => {
      const start = await open();
      const weights = await start.readWeights();
      const trained = 'model.layers.1.mlp.up_proj.weight';
      const data = Float32Array.from(weights[trained]!.data, (value) => value + 1e-3);
      const changed = { ...weights, [trained]: { ...weights[trained]!, data } };

      const store = await FileArtifactStore.open(join(scratch, 'store'));
      const dtype = await start.storedTypes(changed);
      const written = await openSafetensors(
        store.path(await store.putTensors('model.safetensors', changed, { dtype })),
      );
      const original = await openModelTensors(folder.path(name));
      expect([...written.entries.keys()].sort()).toEqual([...original.names].sort());
      for (const tensor of original.names) {
        if (tensor === trained) continue;
        expect(written.entries.get(tensor)!.dtype).toBe(original.entry(tensor).dtype);
        expect(Buffer.from(await written.readRaw(tensor)).equals(await original.readRaw(tensor))).toBe(true);
      }
      expect(written.entries.get(trained)!.dtype).toBe('F32');
      expect(await written.read(trained)).toMatchObject({ data });
      await Promise.all([written.close(), original.close()]);
    });
  },
);
