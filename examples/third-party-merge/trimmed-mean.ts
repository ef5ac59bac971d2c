import { defineMerge, Type, withDefault } from 'agentforge';
import { mergeMethod, optionsOf } from 'agentforge/merges';

/** Per weight, the mean of the models without the `trim` smallest and largest: one broken model cannot spoil it. */
export const trimmedMean = defineMerge({
  name: 'trimmed-mean',
  description: 'Mean of each weight over the models, without the extremes',
  options: optionsOf(
    {},
    { trim: withDefault(Type.Integer({ minimum: 0, description: 'Models left out at each end' }), 1) },
  ),
  create: (options) =>
    mergeMethod({
      name: 'trimmed-mean',
      arity: { min: 2 * options.trim + 1, max: null },
      base: 'unused',
      parameters: {},
      options,
      elementwise: true,
      merge: ({ models }) => models[0]!.map((_, i) => middleOf(models, i, options.trim)),
    }),
});

function middleOf(models: readonly Float32Array[], i: number, trim: number): number {
  const values = models.map((model) => model[i]!).sort((a, b) => a - b);
  const kept = values.slice(trim, values.length - trim);
  return kept.reduce((sum, value) => sum + value, 0) / kept.length;
}

export default trimmedMean;
