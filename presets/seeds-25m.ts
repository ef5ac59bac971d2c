import { namedLayer, type ForgeConfig } from '../core/contracts/config.js';
import type { BuiltinPhases } from '../plugins/catalogue.js';

export interface Seeds25mOptions {
  readonly seed?: number;
  /** Options of the cognate phase, laid over those of the preset. */
  readonly cognate?: BuiltinPhases['cognate'];
}

/** The full documented configuration: three models of 25,900,801 parameters. Days on a CPU, hours on a GPU. */
export function seeds25m(options: Seeds25mOptions = {}): ForgeConfig {
  return {
    extends: [BASE],
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    phases: { cognate: { ...options.cognate } },
  };
}

/** The defaults of the phase and of the architecture are the documented numbers; here only what they leave open. */
const BASE: ForgeConfig = namedLayer('preset seeds-25m', {
  pipeline: ['cognate'],
  phases: {
    cognate: {
      tokenizer: { vocabularySize: 32768 },
      // The documented batch of 16 rows, in micro-batches that keep a machine of 6 GB free.
      training: { rows: 2, length: 512, accumulation: 8 },
      data: { evaluationRows: 8 },
      probeRows: 2,
      gates: { parameterRange: [22_500_000, 27_500_000] },
    },
  },
});
