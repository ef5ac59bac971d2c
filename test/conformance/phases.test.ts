import { BUILTIN_PLUGINS } from '../../plugins/catalogue.js';
import { cognate } from '../../plugins/phases/cognate/index.js';
import { phaseConformance, tinyDataset, tinyTitansMag } from '../../testing/index.js';
import { testConformance } from '../support/conformance.js';

/** Cognate as small as it gets: three models of a few thousand parameters, a dozen steps each. */
const tiny = () =>
  cognate({
    model: { hyperparameters: { ...tinyTitansMag(), vocabularySize: 300 } },
    tokenizer: { vocabularySize: 300, maxCharacters: 5000 },
    data: { datasets: ['tiny'], evaluationRows: 2 },
    training: {
      rows: 2,
      length: 32,
      accumulation: 1,
      warmupSteps: 2,
      evaluateEvery: 4,
      checkpointEvery: 3,
    },
    maxSteps: 8,
    fisherBatches: 2,
    probeRows: 2,
    sample: { maxTokens: 4 },
  });

describe('cognate conforms', () => {
  testConformance(
    phaseConformance(tiny, {
      plugins: [tinyDataset()],
      builtins: BUILTIN_PLUGINS,
      config: { seed: 7, sinks: ['jsonl'] },
      // In one of the models, after the common trunk.
      pauseAfter: [150],
    }),
  );
});
