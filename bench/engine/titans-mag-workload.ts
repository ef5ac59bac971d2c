import { ARCHITECTURE, OPTIMIZER } from '../../core/contracts/index.js';
import { loadValidator } from '../../core/validation/validator.js';
import { countParameters as countDescribed, initializeWeights } from '../../nn/models/index.js';
import { nextToken } from '../../nn/objectives/index.js';
import { inGroup, zeros, type TrainingModel } from '../../nn/training/index.js';
import { stateSpecs } from '../../nn/training/model.js';
import { stepSource } from '../../nn/training/programs.js';
import { titansMag } from '../../plugins/architectures/titans-mag/index.js';
import { ObjectiveOptions } from '../../plugins/phases/shared/objective-options.js';
import { muGrokfast } from '../../plugins/optimizers/mugrokfast/index.js';
import { implementationOf } from '../../testing/implementation.js';
import { patternedIds, type Workload } from './workload.js';

const ROWS = 2;
const LENGTH = 512;
/** Ids that occur; the patterned text needs no more. */
const DISTINCT_IDS = 4096;

/** The 25M training step of the seeds-25m preset: titans-mag with its defaults, MuGrokfast, clipping, weight EMA. */
export async function titansMagWorkload(): Promise<Workload> {
  const architecture = await implementationOf(ARCHITECTURE, titansMag());
  const optimizer = await implementationOf(OPTIMIZER, muGrokfast({ preset: 'phase1' }));
  const config = await defaultsOf(architecture.configSchema, 'titans-mag');
  const tensors = architecture.describe(config);
  const objective = nextToken(await defaultsOf<ObjectiveOptions>(ObjectiveOptions, 'objective'));
  const model: TrainingModel = { architecture, config, tensors, optimizer, objective };
  const weights = initializeWeights(tensors, 42);
  const specs = stateSpecs(model);
  const tokensPerStep = ROWS * LENGTH;
  return {
    title: 'titans-mag 25M',
    parameters: countDescribed(tensors),
    tokensPerStep,
    ...stepSource(model, { rows: ROWS, length: LENGTH }, { clipNorm: 1, accumulation: 1 }),
    start: { ...inGroup('param', weights), ...inGroup('ema', weights), ...zeros(specs.opt) },
    inputs: (step) => ({
      ids: patternedIds(tokensPerStep, DISTINCT_IDS),
      targets: patternedIds(tokensPerStep, DISTINCT_IDS, 1),
      segments: new Int32Array(tokensPerStep),
      step: Float32Array.of(step),
      learningRateScale: Float32Array.of(1),
      emaDecay: Float32Array.of(0.999),
    }),
    random: (step) => ({ seed: 42, stream: 'dropout', counter: step }),
  };
}

async function defaultsOf<T>(schema: object, at: string): Promise<T> {
  const config = {};
  (await loadValidator()).validate(schema, config, { at, fillDefaults: true });
  return config as T;
}
