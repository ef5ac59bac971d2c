import type { Intervention } from '../../contracts/index.js';
import type { PipelineCore } from '../core.js';

type Choice<A> = Omit<Intervention, 'actions' | 'fallback'> & {
  readonly actions: readonly A[];
  readonly fallback: A;
};

/** Ask the hooks what to do about trouble, fall back where nobody knows, and record the decision. */
export async function intervene<A extends string>(core: PipelineCore, intervention: Choice<A>): Promise<A> {
  const { phase, trouble, actions, fallback } = intervention;
  const answer = (await core.hooks.resolveIntervention.promise(intervention)) as string | undefined;
  const chosen = actions.find((action) => action === answer);
  if (answer !== undefined && chosen === undefined) {
    core.log.warn(`A plugin answered "${answer}" to "${trouble}"; the choices are ${actions.join(', ')}.`, {
      phase,
    });
  }
  const decision = chosen ?? fallback;
  const facts = { trouble, actions, decision, decidedBy: chosen === undefined ? 'fallback' : 'hook' };
  core.bus.emit({ type: 'lifecycle', event: 'alert', phase, facts, time: Date.now() });
  return decision;
}
