import { ARCHITECTURE } from '../../../../../core/contracts/architecture.js';
import type { ArtifactRef } from '../../../../../core/contracts/model.js';
import type { StoreContext } from '../../../../../core/contracts/phase.js';
import { countParameters } from '../../../../../nn/models/index.js';
import { llama } from '../../../../../plugins/index.js';
import { describeModel } from '../../../../../plugins/phases/shared/model/store.js';
import { completeHyperparameters } from '../../../../../testing/fixtures/tiny-model.js';
import { implementationOf } from '../../../../../testing/index.js';

const MIB = 1024 * 1024;

test.each([
  ['fp32', 3 * MIB],
  ['fp16', 1.5 * MIB],
  ['ternary', MIB / 4],
] as const)('the size of a model in %s is that of the file', async (format, bytes) => {
  const architecture = await implementationOf(ARCHITECTURE, llama());
  const hyperparameters = await completeHyperparameters(architecture, architecture.sizes!['tiny']!);
  const tensors = architecture.describe(hyperparameters);
  const config = { architecture: 'llama', hyperparameters };
  const ctx = { ...{ phase: 'bitnet', sessionId: 'session_1', configHash: 'c', seed: 1 } } as StoreContext & {
    readonly seed: number;
  };
  const weights = { sha256: 'w', bytes } as ArtifactRef;
  const metadata = describeModel(
    ctx,
    {
      ...{ name: 'model', format, tokenizer: null, halting: null, data: null, parents: [], metrics: {} },
      shape: { architecture, config, tensors },
      weights: {},
    },
    weights,
  );
  expect(metadata).toMatchObject({ size_mb: bytes / MIB, bytes_on_disk: bytes, format });
  expect(metadata.parameters).toBe(countParameters(tensors));
});
