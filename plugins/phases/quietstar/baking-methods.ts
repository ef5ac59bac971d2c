import type { QuietstarOptions } from './options.js';

/** A baking plugin with options. */
export interface MethodChoice {
  readonly use: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * What each of the two models of step 1 is baked with. The control has nothing but answers to learn: supervised, whatever the
 * thoughts are baked with.
 */
export function methodsOf({
  use,
  options,
}: Pick<QuietstarOptions['baking'], 'use' | 'options'>): Readonly<
  Record<'thoughts' | 'control', MethodChoice>
> {
  const thoughts = { use, options };
  return { thoughts, control: use === 'traces' ? thoughts : { use: 'traces', options: {} } };
}
