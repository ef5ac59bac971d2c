import { resolve } from 'node:path';
import type { Model } from '../generate/model.js';
import { openProjectKernel } from '../project/kernel.js';
import type { OpenProjectOptions } from '../project/project.js';
import { openModel } from './open-model.js';

/** A model with a kernel of its own, which goes with it. @throws ForgeError see `loadModel` of the package */
export async function loadModelAlone(reference: string, options: OpenProjectOptions): Promise<Model> {
  const kernel = await openProjectKernel({ withoutConfig: 'defaults', ...options });
  try {
    return await openModel(kernel, reference, resolve(options.cwd ?? process.cwd()), () => kernel.dispose());
  } catch (error) {
    await kernel.dispose();
    throw error;
  }
}
