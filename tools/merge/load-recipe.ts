import { extname, resolve } from 'node:path';
import { MERGE } from '../../core/contracts/merge.js';
import { createImporter } from '../../core/config/importer.js';
import { loadConfigFile, MODULE_EXTENSIONS } from '../../core/config/load-file.js';
import type { Kernel } from '../../core/kernel/types.js';
import { loadValidator } from '../../core/validation/validator.js';
import { ForgeError, isForgeError } from '../../core/errors/index.js';
import type { Recipe, RecipeStep, RecipeWorld } from './index.js';
import { readText } from '../../storage/regular-file.js';
import { OWN_MODULES } from '../own-modules.js';

/**
 * Read a merge recipe: a file of YAML or JSON, a module whose default export is one, or an object. Techniques are those
 * of the kernel.
 * @throws ForgeError AF_MERGE_RECIPE, AF_CONFIG_LOAD
 */
export async function loadRecipe(
  kernel: Kernel,
  path: string | Recipe,
  cwd: string,
): Promise<readonly RecipeStep[]> {
  const { readRecipe, recipeFrom } = await import('./index.js');
  const world = await recipeWorld(kernel);
  if (typeof path !== 'string') return recipeFrom(path, 'recipe', world);
  const file = resolve(cwd, path);
  if (!MODULE_EXTENSIONS.includes(extname(file)))
    return readRecipe(await recipeText(file, path), path, world);
  return recipeFrom(await loadConfigFile(file, createImporter(OWN_MODULES)), path, world);
}

async function recipeWorld(kernel: Kernel): Promise<RecipeWorld> {
  const validator = await loadValidator();
  return {
    methods: {
      names: kernel.names(MERGE),
      resolve: (name, options) => kernel.resolve(MERGE, name, options),
    },
    validate: (schema, value) => validator.validate(schema, value, { at: '' }),
  };
}

async function recipeText(file: string, path: string): Promise<string> {
  try {
    return await readText(file);
  } catch (cause) {
    if (isForgeError(cause)) throw cause;
    throw new ForgeError('AF_MERGE_RECIPE', 'The recipe cannot be read.', {
      at: path,
      fix: 'Name a file with a merge recipe: YAML, JSON, or a module with a default export.',
      cause,
    });
  }
}
