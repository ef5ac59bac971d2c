import { BUILTIN_PLUGINS } from '../../../../plugins/catalogue.js';
import { baking } from '../../../../plugins/index.js';
import { handoffPhase, phaseConformance, tinyDataset, tinyWorked } from '../../../../testing/index.js';
import { testConformance } from '../../../support/conformance.js';
import { QUIET_CONFIG } from '../../../support/tiny-bitnet.js';
import { tinyBaking } from '../../../support/tiny-baking.js';

/** One of each, half first: what is baked later rehearses what was baked before. */
const options = tinyBaking({ tools: { use: ['calculator'] }, personas: { use: ['precise'] } });

const suite = phaseConformance(() => baking(options), {
  before: [handoffPhase('curriculum-to-baking')],
  plugins: [tinyDataset(), tinyWorked()],
  builtins: BUILTIN_PLUGINS,
  config: QUIET_CONFIG,
  // Within the half of the tool, and when half of the persona is there.
  pauseAfter: [15, 131],
});

describe('baking conforms', () => {
  // A run that goes on is another run: what it gives is compared with the first one, too.
  testConformance(suite.filter(({ name }) => name !== 'gives the same bits for the same seed'));
});
