import config from '../../examples/real-data/agentforge.config.js';
import { DATASET, type ForgeConfig } from '../../core/contracts/index.js';
import { BUILTIN_PLUGINS } from '../../plugins/catalogue.js';
import { createTestKernel } from '../../testing/index.js';

test('the configuration for real data is valid, and its datasets read files', async () => {
  const { plugins, pipeline, ...rest } = config as ForgeConfig;
  const { kernel, dispose } = await createTestKernel({
    ...(plugins === undefined ? {} : { plugins }),
    config: pipeline === undefined ? { ...rest, pipeline: ['cognate'] } : { ...rest, pipeline },
    builtins: BUILTIN_PLUGINS,
  });
  try {
    const { datasets } = kernel.config.pipeline[0]!.options['data'] as { datasets: string[] };
    expect(datasets).toEqual(expect.arrayContaining(['gsm8k', 'svamp', 'arc', 'tinystories']));
    for (const name of datasets) expect(kernel.resolve(DATASET, name).synthetic).toBe(false);
  } finally {
    await dispose();
  }
});
