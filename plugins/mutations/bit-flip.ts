import { defineMutation, isCombination, type StageRecipe } from '../../core/contracts/evolution.js';
import { originOf } from './shared/origin.js';

/**
 * Swaps the merge of one stage of a combination for the other one. Of an individual that was
 * changed after its combination, the combination itself is flipped.
 */
export const bitFlip = defineMutation({
  name: 'bit-flip',
  description: 'The same combination with the other merge in one stage',
  create: () => ({
    propose(input) {
      const recipe = originOf(input, isCombination);
      if (recipe === null) return null;
      const { bits, stages } = recipe.parameters;
      const at = input.random.integer(bits.length);
      const bit = bits[at] === '0' ? 1 : 0;
      const flipped: StageRecipe = { merge: input.stages[at]![bit], options: {} };
      const parameters = {
        ...recipe.parameters,
        bits: `${bits.slice(0, at)}${bit}${bits.slice(at + 1)}`,
        stages: stages.map((stage, i) => (i === at ? flipped : stage)),
      };
      return { ...recipe, parameters, seed: input.seed };
    },
  }),
});
