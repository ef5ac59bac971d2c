import { BUILTIN_PLUGINS } from '../../../../plugins/catalogue.js';
import { quietstar } from '../../../../plugins/index.js';
import { handoffPhase, phaseConformance, tinyDataset } from '../../../../testing/index.js';
import { testConformance } from '../../../support/conformance.js';
import { TINY_CONFIG } from '../../../support/tiny-cognate.js';
import { tinyQuietstar, worked } from '../../../support/tiny-quietstar.js';

/** Thoughts of four tokens fail T4: every test takes the weights back, and pulls harder. */
const options = () => {
  const { baking, quiet, examination } = tinyQuietstar();
  return tinyQuietstar({
    baking: { ...baking, steps: 1, control: false },
    examination: { ...examination, items: 4, furtherItems: 0 },
    quiet: {
      ...quiet,
      steps: 5,
      theater: { every: 1, items: 4 },
      shrink: [
        { until: 0.4, tokens: 3, talk: 3 },
        { until: 0.8, tokens: 2 },
        { until: 1, tokens: 0 },
      ],
    },
  });
};

describe('quietstar with theater and thoughts that shrink to none conforms', () => {
  testConformance(
    phaseConformance(() => quietstar(options()), {
      before: [handoffPhase('evomerge-to-quietstar')],
      plugins: [tinyDataset(), worked()],
      builtins: BUILTIN_PLUGINS,
      config: { ...TINY_CONFIG, sinks: [] },
      // After the first update of a stage, between two stages, and in the middle of the second one.
      pauseAfter: [72, 125, 177],
    }),
  );
});
