import type { RecipeWorld } from '../../../../tools/merge/index.js';
import type { TestKernelOptions } from '../../../../testing/kernel.js';
import { temporaryFolder } from './checkpoints.js';
import { recipeWorld } from './world.js';

/** What the merge tests of a file share: made before the first, gone after the last. */
export interface MergeFixture {
  readonly folder: ReturnType<typeof temporaryFolder>;
  readonly world: RecipeWorld;
  /** Path of a folder that no other test has; it is not there yet. */
  newCase(): string;
}

/** @param plugins besides the merge techniques that are built in */
export function mergeFixture(plugins?: TestKernelOptions['plugins']): MergeFixture {
  const folder = temporaryFolder();
  let made: Awaited<ReturnType<typeof recipeWorld>>;
  let cases = 0;
  beforeAll(async () => {
    made = await recipeWorld(plugins);
  });
  afterAll(async () => {
    folder.remove();
    await made.dispose();
  });
  return {
    folder,
    get world() {
      return made.world;
    },
    newCase: () => folder.join(`case-${cases++}`),
  };
}
