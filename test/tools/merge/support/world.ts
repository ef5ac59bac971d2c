import { MERGE } from '../../../../core/contracts/merge.js';
import { loadValidator } from '../../../../core/validation/validator.js';
import { BUILTIN_PLUGINS } from '../../../../plugins/catalogue.js';
import type { RecipeWorld } from '../../../../tools/merge/index.js';
import { createTestKernel, type TestKernelOptions } from '../../../../testing/kernel.js';

/** The merge techniques of a kernel, and what else reading a recipe needs. */
export async function recipeWorld(
  plugins: TestKernelOptions['plugins'] = [],
): Promise<{ readonly world: RecipeWorld; dispose(): Promise<void> }> {
  const wanted = new Set(['merge', 'storage', 'registry']);
  const { kernel, dispose } = await createTestKernel({
    plugins,
    builtins: BUILTIN_PLUGINS.filter(({ point }) => wanted.has(point)),
  });
  const validator = await loadValidator();
  return {
    world: {
      methods: {
        names: kernel.names(MERGE),
        resolve: (name, options) => kernel.resolve(MERGE, name, options),
      },
      validate: (schema, value) => validator.validate(schema, value, { at: '' }),
    },
    dispose,
  };
}
