import { defineMerge, Type, withDefault, type OptionsOf } from 'agentforge';

/** Per weight, the mean of the models without the `trim` smallest and largest: one broken model cannot spoil it. */
export const trimmedMean = defineMerge({
  name: 'trimmed-mean',
  description: 'Mean of each weight over the models, without the extremes',
  options: Type.Object(
    { trim: withDefault(Type.Integer({ minimum: 0, description: 'Models left out at each end' }), 1) },
    { additionalProperties: false },
  ),
  create: ({ trim }) => ({
    arity: { min: 2 * trim + 1, max: null },
    base: 'unused',
    merge: ({ models }) =>
      models[0]!.map((_, i) => {
        const values = models.map((model) => model[i]!).sort((a, b) => a - b);
        const kept = values.slice(trim, values.length - trim);
        return kept.reduce((sum, value) => sum + value, 0) / kept.length;
      }),
  }),
});

/** The compiler knows the options wherever a config names the plugin. */
declare module 'agentforge' {
  interface KnownPlugins {
    'trimmed-mean': OptionsOf<typeof trimmedMean>;
  }
}

export default trimmedMean;
