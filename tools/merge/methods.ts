import type { MergeMethod } from '../../core/contracts/merge.js';

/** The merge techniques there are: those of this package, of the user's config and of installed plugins. */
export interface MergeMethods {
  readonly names: readonly string[];
  /**
   * @param options laid over the configured ones
   * @throws ForgeError when the options do not fit
   */
  resolve(name: string, options?: Readonly<Record<string, unknown>>): MergeMethod;
}
