import type { PhaseContext } from '../../../../core/contracts/phase.js';
import {
  inputStatistics,
  textPositions,
  type CalibrationBatch,
  type CalibrationStatistics,
  type CalibrationSubject,
} from '../../../../nn/calibration/index.js';
import { stackRows } from '../../../../nn/data/index.js';
import { specsOf } from '../../../../nn/training/index.js';
import type { LiveModel } from '../model/open.js';
import { counted, type CountedWork } from '../progress.js';
import type { CalibrationRows } from './rows.js';

/** How a model is calibrated. */
export interface CalibrateOptions {
  /** Sequences per pass. Default 8. */
  readonly rows?: number;
  /** Matrices of which the whole Hessian is kept. Default none. */
  readonly hessian?: readonly string[];
  /** Of the norms that gains are fitted for. Default 1e-6. */
  readonly epsilon?: number;
  /** Makes of the weights what the model computes with, where it is not they themselves. */
  readonly bind?: CalibrationSubject['bind'];
  /** Of the whole phase, by the share of this work that is done. */
  readonly fraction?: CountedWork['fraction'];
}

/** What calibration gives. */
export interface InputCalibration {
  readonly statistics: CalibrationStatistics;
  readonly seconds: number;
}

const ROWS = 8;

/**
 * Read sequences with a model and write down what goes into its linear matrices. A pause leaves between two passes; what was
 * read is read again after it.
 *
 * @throws ForgeError AF_DATA_TOO_SMALL, AF_MODEL_NOT_FINITE, AF_MODEL_TENSORS
 */
export async function calibrate(
  ctx: Pick<PhaseContext, 'engine' | 'progress' | 'pausePoint'>,
  { architecture, config, weights }: Pick<LiveModel, 'architecture' | 'config' | 'weights'>,
  calibration: Pick<CalibrationRows, 'rows' | 'length' | 'padId'>,
  { rows: most = ROWS, hessian = [], epsilon, bind, fraction }: CalibrateOptions = {},
): Promise<InputCalibration> {
  const began = performance.now();
  const rows = Math.min(most, Math.max(1, calibration.rows.length));
  const batches = batchesOf(calibration, rows);
  const onBatch = counted(ctx, {
    ...{ task: 'calibration', total: batches.length, unit: 'batch' },
    ...(fraction === undefined ? {} : { fraction }),
  });
  const engine = await ctx.engine();
  const state = await engine.createState(weights);
  try {
    const specs = specsOf(weights);
    const hyperparameters = config.hyperparameters;
    const subject = { architecture, config: hyperparameters, specs, ...(bind === undefined ? {} : { bind }) };
    await onBatch(0);
    const statistics = await inputStatistics(engine, subject, state, batches, {
      ...{ shape: [rows, calibration.length], hessian, onBatch },
      ...(epsilon === undefined ? {} : { epsilon }),
    });
    return { statistics, seconds: (performance.now() - began) / 1000 };
  } finally {
    await state.dispose();
  }
}

function batchesOf(
  { rows, length, padId }: Pick<CalibrationRows, 'rows' | 'length' | 'padId'>,
  batchSize: number,
): CalibrationBatch[] {
  const batches: CalibrationBatch[] = [];
  for (let first = 0; first < rows.length; first += batchSize) {
    const batch = stackRows(rows.slice(first, first + batchSize), batchSize, length);
    const { ids, segments } = batch;
    batches.push({ ids, segments, text: textPositions(batch, { length, padId }) });
  }
  return batches;
}
