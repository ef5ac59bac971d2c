import { defineEvaluator } from 'agentforge';
import { evaluation, quantization, random, training } from 'agentforge/nn';

/** How much a model knows of tokens it must not see yet: the largest change of an earlier logit when later ones change. */
export const looksAhead = defineEvaluator({
  name: 'looks-ahead',
  description: 'Largest change of a logit when later tokens are replaced; 0 for a causal model',
  create: (_, forge) => ({
    lowerIsBetter: true,
    readsQuantised: true,
    evaluate: async ({ ref, weights }, engine) => {
      const architecture = quantization.modelArchitecture(forge, ref.config);
      const config = ref.config.hyperparameters;
      const length = Math.min(32, architecture.contextLength(config));
      if (length < 2) return { score: null, reason: 'the model reads one token at a time' };
      const numbers = random.stream(ref.metadata.seed, 'looks-ahead');
      const vocabulary = architecture.vocabularySize(config);
      const ids = Int32Array.from({ length }, () => numbers.integer(vocabulary));
      const subject = { architecture, config, specs: training.specsOf(weights) };
      const state = await engine.createState(weights);
      try {
        const forwards = new evaluation.Forwards(engine, subject, state);
        return { score: await evaluation.causalityDifference(forwards, subject, ids, ref.metadata.seed) };
      } finally {
        await state.dispose();
      }
    },
  }),
});

export default looksAhead;
