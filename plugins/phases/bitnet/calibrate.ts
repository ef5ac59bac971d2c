import type { ResultTable } from '../../../core/contracts/phase.js';
import { outlierTable, subLnGains, type CalibrationStatistics } from '../../../nn/calibration/index.js';
import { smallestFormats, type TensorChoice, type WeightFormats } from '../../../nn/quantization/index.js';
import { calibrate as measureInputs } from '../shared/calibration/calibrate.js';
import { calibrationRows } from '../shared/calibration/rows.js';
import { choicesOf, quantizationOf, weightFormats } from './layer-map.js';
import { AT } from './paths.js';
import type { BitnetRun } from './prepare.js';
import { thoughtRows } from './rows.js';
import { latentModel, type LatentModel } from '../shared/quantized/latent.js';

/** The model as recovery starts from it, and what was found out for that. */
export interface Calibrated {
  /** Every matrix in the first format of its ladder, norms with fitted gains. */
  readonly model: LatentModel;
  readonly formats: WeightFormats;
  readonly choices: readonly TensorChoice[];
  readonly statistics: CalibrationStatistics;
  readonly outliers: ResultTable;
  readonly seconds: number;
  readonly warnings: readonly string[];
}

/** Matrices whose inputs are shown. */
const SHOWN = 8;

/** Read held-out text and questions with the float model, choose formats, let norms before matrices change little. */
export async function calibrate(run: BitnetRun, fraction: (done: number) => number): Promise<Calibrated> {
  const { ctx, teacher, options, data, tokenizer } = run;
  const formats = weightFormats(ctx, options.formats);
  const choices = choicesOf(teacher.tensors, formats, options.formats);
  const { length } = options.recovery.training;
  const { sequences } = options.calibration;
  const thoughts = thoughtRows(run, 'free').slice(0, Math.round(options.data.thoughts * sequences));
  const drawn = calibrationRows(data, tokenizer.tokenizer, {
    shares: sharesOf(run),
    samples: Math.max(1, sequences - thoughts.length),
    length,
    seed: ctx.seed,
    at: `${AT}.calibration`,
  });
  const quantization = quantizationOf(teacher.tensors, smallestFormats(choices), formats, options.formats);
  const { statistics, seconds } = await measureInputs(
    ctx,
    teacher,
    { ...drawn, rows: [...drawn.rows, ...thoughts] },
    {
      rows: options.calibration.rows,
      epsilon: quantization.epsilon,
      fraction,
    },
  );
  const gains = subLnGains(statistics, quantization.norms);
  return {
    ...{
      formats,
      choices,
      statistics,
      seconds,
      warnings: fewWarnings(drawn.rows.length + thoughts.length, sequences),
    },
    model: latentModel(run.ctx, teacher, quantization, { ...teacher.weights, ...gains }),
    outliers: outlierTable(statistics, teacher.tensors, SHOWN),
  };
}

/** Of all that was asked for, thoughts included. */
function fewWarnings(found: number, sequences: number): string[] {
  if (found >= sequences) return [];
  const counted = (count: number): string => count.toLocaleString('en-US');
  return [
    `Calibration reads ${counted(found)} of ${counted(sequences)} sequences: the free held-out documents give no more. ` +
      'Give larger datasets, hold out more when training, or ask for fewer (calibration.sequences).',
  ];
}

/** As recovery trains beside worked thoughts: questions at once, every dataset of the earlier training as much of the rest. */
function sharesOf({ data, ordinary, options }: BitnetRun): Readonly<Record<string, number>> {
  const rest = 1 - options.data.thoughts;
  const asked = rest === 0 ? 1 : options.data.direct / rest;
  const earlier = new Set(ordinary.map(({ name }) => name));
  const questions = data.sets.filter(({ name }) => !earlier.has(name));
  return Object.fromEntries(
    data.sets.map(({ name }) => [
      name,
      earlier.has(name) ? (1 - asked) / ordinary.length : asked / questions.length,
    ]),
  );
}
