import { SavedProgress } from '../shared/resume.js';
import type { CurriculumRun } from './prepare.js';

/** Progress that is worth something for the model that came in alone. @param name of its checkpoints */
export function savedFor<T>({ ctx, origin }: Pick<CurriculumRun, 'ctx' | 'origin'>, name: string) {
  const { sha256 } = origin.ref.weights;
  return new SavedProgress<T>(ctx, ctx.checkpoints.child(name), sha256, 'The model that came in is');
}
