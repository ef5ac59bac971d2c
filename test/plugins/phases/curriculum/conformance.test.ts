import type { OptionsInput } from '../../../../core/contracts/options.js';
import { BUILTIN_PLUGINS } from '../../../../plugins/catalogue.js';
import { curriculum } from '../../../../plugins/index.js';
import type { CurriculumOptions } from '../../../../plugins/phases/curriculum/options.js';
import { handoffPhase, phaseConformance, tinyDataset, tinyWorked } from '../../../../testing/index.js';
import { testConformance } from '../../../support/conformance.js';
import { QUIET_CONFIG } from '../../../support/tiny-bitnet.js';
import { tinyCurriculum } from '../../../support/tiny-curriculum.js';

const suite = (options: OptionsInput<typeof CurriculumOptions>, pauseAfter: readonly number[]) =>
  phaseConformance(() => curriculum(options), {
    before: [handoffPhase('bitnet-to-curriculum')],
    plugins: [tinyDataset(), tinyWorked()],
    builtins: BUILTIN_PLUGINS,
    config: QUIET_CONFIG,
    pauseAfter,
  });

/** What pauses change, if anything. */
const paused = (options: OptionsInput<typeof CurriculumOptions>, pauseAfter: readonly number[]) =>
  suite(options, pauseAfter).filter(({ name }) => /^reports|pause/.test(name));

const LEVELS = { items: 4, heldOut: 2, epochs: 2, rehearsal: 0.5 };

describe('curriculum with one level conforms', () => {
  const options = tinyCurriculum({ levels: { ...LEVELS, wall: 1 } });
  // At moments from the assessment to the end of the levels.
  testConformance(suite(options, [40, 150, 320]));
});

describe('curriculum with levels of one epoch conforms', () => {
  testConformance(paused(tinyCurriculum({ levels: { ...LEVELS, advance: 0 } }), [420]));
});
