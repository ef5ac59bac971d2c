import type { OptionsInput } from '../../../../core/contracts/options.js';
import { BUILTIN_PLUGINS } from '../../../../plugins/catalogue.js';
import { bitnet } from '../../../../plugins/index.js';
import type { BitnetOptions } from '../../../../plugins/phases/bitnet/options.js';
import { handoffPhase, phaseConformance, tinyDataset, tinyWorked } from '../../../../testing/index.js';
import { testConformance } from '../../../support/conformance.js';
import { QUIET_CONFIG, TINY_RECOVERY, tinyBitnet } from '../../../support/tiny-bitnet.js';

const suite = (options: OptionsInput<typeof BitnetOptions>, pauseAfter: readonly number[]) =>
  phaseConformance(() => bitnet(options), {
    before: [handoffPhase('quietstar-to-bitnet')],
    plugins: [tinyDataset(), tinyWorked()],
    builtins: BUILTIN_PLUGINS,
    config: QUIET_CONFIG,
    pauseAfter,
  });

describe('bitnet conforms', () => {
  // While it calibrates, after the first update, between the two stages, and in the middle of the second one.
  testConformance(suite(tinyBitnet(), [4, 40, 148, 200]));
});

/** What differs from a run with two stages: what it reports, and that it goes on. */
const itsOwn = (options: OptionsInput<typeof BitnetOptions>, pause: number) =>
  suite(options, [pause]).filter(({ name }) => /^reports|pause/.test(name));

describe('bitnet in one stage conforms', () => {
  const recovery = { steps: 3, secondStage: null, training: TINY_RECOVERY, watchEvery: 1 };
  testConformance(itsOwn(tinyBitnet({ recovery }), 130));
});

describe('bitnet without training conforms', () => {
  testConformance(itsOwn(tinyBitnet({ recovery: { steps: 0, training: TINY_RECOVERY } }), 4));
});
