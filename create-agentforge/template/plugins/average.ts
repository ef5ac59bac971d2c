import { defineMerge } from 'agentforge';

/** The mean of the models, weight by weight. */
export const average = defineMerge({
  name: 'average',
  description: 'Mean of the models',
  create: () => ({
    arity: { min: 1, max: null },
    base: 'unused',
    merge: ({ models }) =>
      models[0]!.map((_, i) => models.reduce((sum, model) => sum + model[i]!, 0) / models.length),
  }),
});

export default average;
