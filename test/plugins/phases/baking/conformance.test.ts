import type { OptionsInput } from '../../../../core/contracts/options.js';
import { BUILTIN_PLUGINS } from '../../../../plugins/catalogue.js';
import { baking } from '../../../../plugins/index.js';
import type { BakingOptions } from '../../../../plugins/phases/baking/options.js';
import { handoffPhase, phaseConformance, tinyDataset, tinyWorked } from '../../../../testing/index.js';
import { testConformance } from '../../../support/conformance.js';
import { QUIET_CONFIG } from '../../../support/tiny-bitnet.js';
import { tinyBaking } from '../../../support/tiny-baking.js';

const suite = (options: OptionsInput<typeof BakingOptions>, pauseAfter: readonly number[]) =>
  phaseConformance(() => baking(options), {
    before: [handoffPhase('curriculum-to-baking')],
    plugins: [tinyDataset(), tinyWorked()],
    builtins: BUILTIN_PLUGINS,
    config: QUIET_CONFIG,
    pauseAfter,
  });

/** What pauses change, if anything. */
const paused = (options: OptionsInput<typeof BakingOptions>, pauseAfter: readonly number[]) =>
  suite(options, pauseAfter).filter(({ name }) => /^reports|pause/.test(name));

describe('baking with tokens for personas conforms', () => {
  // Within bakes and between them.
  testConformance(suite(tinyBaking(), [20, 60, 120]));
});

describe('baking with adapters for personas conforms', () => {
  testConformance(paused(tinyBaking({ personas: { switching: 'adapters' } }), [70]));
});
