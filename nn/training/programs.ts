import type { ProgramFunction, ProgramSpec } from '../../core/contracts/engine.js';
import type { TensorMap, TensorSpecs } from '../../core/contracts/tensor.js';
import { inLowPrecision } from '../precision/index.js';
import { batchSpecs, differentiate, objectiveOf, objectiveOutputs } from './differentiate.js';
import { lossScaleSpecs, lowFormatOf, type Amp } from './loss-scale.js';
import { stateSpecs, weightSpecs, type BatchShape, type StepShape, type TrainingModel } from './model.js';
import { fromGroup, inGroup, type WeightGroup } from './state.js';
import {
  accumulated,
  accumulatedPass,
  applyUpdate,
  clearedAccumulators,
  UPDATE_SCALARS,
  type UpdateSettings,
} from './update.js';

/** A function with its shapes, ready for `engine.compile`. */
export interface ProgramSource {
  readonly fn: ProgramFunction;
  readonly spec: ProgramSpec;
}

/** Forward, backward and update in one program, for runs without accumulation. */
export function stepSource(model: TrainingModel, shape: StepShape, settings: UpdateSettings): ProgramSource {
  const groups = stateSpecs(model);
  return {
    spec: {
      name: 'train-step',
      inputs: { ...batchSpecs(model, shape), ...UPDATE_SCALARS },
      state: { ...groups.param, ...groups.ema, ...groups.opt, ...groups.ref, ...scaleSpecs(settings) },
    },
    fn: (inputs, state, context) => {
      const pass = differentiate(model, fromGroup('param', state), inputs, state, {
        context,
        steps: shape.steps,
        amp: settings.amp,
      });
      const update = applyUpdate(model, settings, inputs, state, pass);
      return { outputs: { ...pass.outputs, ...update.outputs }, state: update.state };
    },
  };
}

/** Forward and backward of one micro-batch, added to the accumulated gradients. */
export function accumulateSource(
  model: TrainingModel,
  shape: StepShape,
  settings: UpdateSettings,
): ProgramSource {
  const groups = stateSpecs(model);
  return {
    spec: {
      name: 'train-accumulate',
      inputs: batchSpecs(model, shape),
      state: { ...groups.param, ...groups.grad, ...groups.peak, ...groups.ref, ...scaleSpecs(settings) },
    },
    fn: (inputs, state, context) => {
      const pass = differentiate(model, fromGroup('param', state), inputs, state, {
        context,
        steps: shape.steps,
        amp: settings.amp,
      });
      return { outputs: pass.outputs, state: accumulated(pass, state, settings) };
    },
  };
}

/** Update from the accumulated gradients, which start again from zero. */
export function applySource(model: TrainingModel, settings: UpdateSettings): ProgramSource {
  const groups = stateSpecs(model);
  return {
    spec: {
      name: 'train-apply',
      inputs: UPDATE_SCALARS,
      state: {
        ...{ ...groups.param, ...groups.ema, ...groups.opt, ...groups.grad, ...groups.peak },
        ...scaleSpecs(settings),
      },
    },
    fn: (inputs, state) => {
      const update = applyUpdate(model, settings, inputs, state, accumulatedPass(model, state));
      return { outputs: update.outputs, state: { ...update.state, ...clearedAccumulators(state) } };
    },
  };
}

function scaleSpecs({ amp }: UpdateSettings): TensorSpecs {
  return inGroup('amp', lossScaleSpecs(amp));
}

/** The objective of a batch without dropout or update, with the parameters of one group. @param amp format of matrix products */
export function evaluateSource(
  model: TrainingModel,
  shape: BatchShape,
  group: WeightGroup,
  amp: Amp = 'off',
): ProgramSource {
  const format = lowFormatOf(amp);
  return {
    spec: {
      name: `evaluate-${group}${format === null ? '' : `-${format}`}`,
      inputs: batchSpecs(model, shape),
      state: { ...weightSpecs(model, group), ...stateSpecs(model).ref },
    },
    fn: (inputs, state) => {
      const work = (): TensorMap =>
        objectiveOutputs(
          objectiveOf(model, weightsIn(state, group), inputs, state, { context: null, peaks: false }),
        );
      return { outputs: format === null ? work() : inLowPrecision(format, work) };
    },
  };
}

/** All tensors of a model: what is not trained has no average. */
export function weightsIn(state: TensorMap, group: WeightGroup): TensorMap {
  const params = fromGroup('param', state);
  return group === 'param' ? params : { ...params, ...fromGroup('ema', state) };
}
