/** A program that runs a phase which never settles, with nothing else left to do: prints how the run ended. */
import { createJiti } from 'jiti';

const jiti = createJiti(import.meta.url);
const { createTestKernel } = await jiti.import('../../../testing/kernel.ts');
const { definePhase } = await jiti.import('../../../core/contracts/index.ts');
const phase = definePhase({
  name: 'stuck',
  create: () => ({
    title: 'Stuck',
    input: null,
    output: null,
    metrics: [],
    gates: [],
    run: () => new Promise(() => undefined),
  }),
});
const { kernel, dispose } = await createTestKernel({ pipeline: [phase()] });
const { status, error } = await kernel.run();
await dispose();
process.stdout.write(JSON.stringify({ status, code: error.code, message: error.message }));
