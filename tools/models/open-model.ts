import { existsSync } from 'node:fs';
import type { Registry } from '../../core/contracts/registry.js';
import type { Kernel } from '../../core/kernel/types.js';
import { OpenedModel } from '../generate/opened-model.js';
import { sourceOf } from '../generate/model-source.js';
import { openGenerator } from '../generate/open-generator.js';
import { locateModel, type LocatedModel } from './locate-model.js';

/**
 * The registry of a kernel, or null where nothing was stored yet: a folder is not made only to look into it.
 */
export async function existingRegistry(kernel: Kernel): Promise<Registry | null> {
  return existsSync(kernel.paths.storage) ? kernel.registry() : null;
}

/** Find a model with what a kernel knows; relative folders start from `cwd`. @throws ForgeError see {@link locateModel} */
export function locateWith(kernel: Kernel, reference: string, cwd: string): Promise<LocatedModel> {
  return locateModel(reference, { registry: () => existingRegistry(kernel), folders: [cwd] });
}

/** Find a model and load it into an engine of the kernel. @throws ForgeError see {@link locateModel}, {@link openGenerator} */
export async function openModel(
  kernel: Kernel,
  reference: string,
  cwd: string,
  release?: () => Promise<void>,
): Promise<OpenedModel> {
  const located = await locateWith(kernel, reference, cwd);
  const source = await sourceOf(located, kernel);
  return new OpenedModel(source, await openGenerator(kernel, source), kernel, release);
}
