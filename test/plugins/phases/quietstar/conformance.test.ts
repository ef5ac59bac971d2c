import { BUILTIN_PLUGINS } from '../../../../plugins/catalogue.js';
import { quietstar } from '../../../../plugins/index.js';
import { handoffPhase, phaseConformance, tinyDataset } from '../../../../testing/index.js';
import { testConformance } from '../../../support/conformance.js';
import { TINY_CONFIG } from '../../../support/tiny-cognate.js';
import { tinyQuietstar, worked } from '../../../support/tiny-quietstar.js';

describe('quietstar conforms', () => {
  testConformance(
    phaseConformance(() => quietstar(tinyQuietstar()), {
      before: [handoffPhase('evomerge-to-quietstar')],
      plugins: [tinyDataset(), worked()],
      builtins: BUILTIN_PLUGINS,
      config: { ...TINY_CONFIG, sinks: [] },
      // In the middle of baking, and between the two updates of step 2.
      pauseAfter: [50, 270],
    }),
  );
});
