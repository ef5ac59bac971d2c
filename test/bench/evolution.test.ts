import { VARIANTS } from '../../bench/evolution/variants.js';
import { MERGE } from '../../core/contracts/merge.js';
import { MUTATION } from '../../core/contracts/evolution.js';
import { validated } from '../../core/validation/validated.js';
import { loadValidator } from '../../core/validation/validator.js';
import { BUILTIN_PLUGINS } from '../../plugins/catalogue.js';
import { EvomergeOptions } from '../../plugins/phases/evomerge/options.js';
import { createTestKernel, type TestKernel } from '../../testing/index.js';

let bench: TestKernel;
beforeAll(async () => {
  bench = await createTestKernel({ builtins: BUILTIN_PLUGINS, pipeline: ['evomerge'] });
});
afterAll(() => bench.dispose());

test('no two variants have one name', () => {
  expect(new Set(VARIANTS.map(({ name }) => name)).size).toBe(VARIANTS.length);
});

test.each(VARIANTS.map((variant) => [variant.name, variant] as const))(
  '%s: a strategy, and plugins that are there',
  async (_, { options, mutations = {} }) => {
    const { kernel } = bench;
    const checked = validated(await loadValidator(), EvomergeOptions, options, 'evomerge') as EvomergeOptions;
    expect(options.strategy).toBe(checked.strategy);
    expect(kernel.names(MERGE)).toContain(checked.cmaEs.merge);
    for (const name of Object.keys(checked.mutations)) expect(kernel.names(MUTATION)).toContain(name);
    for (const [name, settings] of Object.entries(mutations))
      expect(() => kernel.resolve(MUTATION, name, settings)).not.toThrow();
  },
);
