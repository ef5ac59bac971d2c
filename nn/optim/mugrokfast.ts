import * as tf from '@tensorflow/tfjs';
import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs';
import type { TensorDescription } from '../../core/contracts/architecture.js';
import type { OptimizerInput, OptimizerOutput } from '../../core/contracts/optimizer.js';
import type { TensorMap, TensorSpecs } from '../../core/contracts/tensor.js';
import { isHiddenMatrix } from '../models/roles.js';
import { adamWStep, adamWUpdate, type AdamWSettings, type AdamWStep } from './adamw.js';
import { grokfast, type GradientFilter } from './grokfast.js';
import { muonUpdate, type MuonScale } from './muon.js';
import { orthogonalityError, sumOfSquares } from './newton-schulz.js';
import { qkClip } from './qk-clip.js';

/** Everything that decides a MuGrokfast update: Grokfast filter (Lee et al. 2024), Muon (Jordan et al. 2024), AdamW. */
export interface MuGrokfastSettings {
  /** Whether hidden matrices go to Muon; false sends everything to AdamW. */
  readonly muon: boolean;
  readonly muonLr: number;
  readonly fallbackLr: number;
  readonly filter: GradientFilter;
  readonly alpha: number;
  readonly lambda: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly newtonSchulzSteps: number;
  readonly scale: MuonScale;
  readonly weightDecay: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** tau of QK-clip; null never clips. */
  readonly qkClipThreshold: number | null;
}

/** State tensors of one parameter: `<name>/slow`, and `<name>/momentum` or `<name>/first` and `<name>/second`. */
export function muGrokfastState(
  tensors: readonly TensorDescription[],
  settings: MuGrokfastSettings,
): TensorSpecs {
  const names = tensors.flatMap((tensor) => {
    const moments = usesMuon(tensor, settings) ? ['momentum'] : ['first', 'second'];
    return [...(filters(settings) ? ['slow'] : []), ...moments].map((part) => [tensor, part] as const);
  });
  return Object.fromEntries(
    names.map(([{ name, shape }, part]) => [`${name}/${part}`, { shape, dtype: 'float32' as const }]),
  );
}

/** Learning rate of a tensor before the schedule. */
export function muGrokfastRate(tensor: TensorDescription, settings: MuGrokfastSettings): number {
  return usesMuon(tensor, settings) ? settings.muonLr : settings.fallbackLr;
}

interface Updated {
  readonly weight: Tensor;
  readonly state: TensorMap;
  /** Squared norm of the change, decay not counted. */
  readonly changeSquared: Scalar;
  /** The orthogonalised direction, when Muon made it. */
  readonly direction: Tensor2D | null;
}

/**
 * One update: filter the gradient (Grokfast), route by role, Muon or AdamW, then QK-clip on the weights.
 * Gradients come in clipped.
 */
export function muGrokfastUpdate(input: OptimizerInput, settings: MuGrokfastSettings): OptimizerOutput {
  const muonRate = tf.mul(input.learningRateScale, settings.muonLr) as Scalar;
  const fallbackRate = tf.mul(input.learningRateScale, settings.fallbackLr) as Scalar;
  const adam = adamWStep(input.step, fallbackRate, settings);
  const params: TensorMap = {};
  const state: TensorMap = {};
  const updates = input.tensors.map((tensor) => {
    const updated = updateTensor(tensor, input, settings, muonRate, adam);
    params[tensor.name] = updated.weight;
    Object.assign(state, updated.state);
    return updated;
  });
  const metrics = updateMetrics(input, updates, state);
  if (settings.qkClipThreshold === null || input.peaks.length === 0) return { params, state, metrics };
  const clip = qkClip(params, input.peaks, settings.qkClipThreshold, input.tensors);
  return {
    params: { ...params, ...clip.params },
    state,
    metrics: { ...metrics, 'optim/qk_clip_count': clip.clipped },
  };
}

function updateTensor(
  tensor: TensorDescription,
  input: OptimizerInput,
  settings: MuGrokfastSettings,
  muonRate: Scalar,
  adam: AdamWStep,
): Updated {
  const { name } = tensor;
  const weight = input.params[name]!;
  const before = (part: string): Tensor => input.state[`${name}/${part}`]!;
  const filtered = filters(settings)
    ? grokfast(input.grads[name]!, before('slow'), input.step, settings)
    : null;
  const gradient = filtered?.gradient ?? input.grads[name]!;
  const slow: TensorMap = filtered === null ? {} : { [`${name}/slow`]: filtered.average };
  if (usesMuon(tensor, settings)) {
    const update = muonUpdate(
      weight as Tensor2D,
      gradient as Tensor2D,
      before('momentum') as Tensor2D,
      muonRate,
      { ...settings, layout: tensor.layout },
    );
    return {
      weight: update.weight,
      state: { ...slow, [`${name}/momentum`]: update.momentum },
      changeSquared: tf.mul(sumOfSquares(update.direction), tf.square(update.stepSize)) as Scalar,
      direction: update.direction,
    };
  }
  const adamSettings: AdamWSettings = { ...settings, weightDecay: decays(tensor) ? settings.weightDecay : 0 };
  const update = adamWUpdate(weight, gradient, before('first'), before('second'), adam, adamSettings);
  return {
    weight: update.weight,
    state: { ...slow, [`${name}/first`]: update.first, [`${name}/second`]: update.second },
    changeSquared: sumOfSquares(update.change),
    direction: null,
  };
}

function updateMetrics(
  input: OptimizerInput,
  updates: readonly Updated[],
  state: TensorMap,
): Record<string, Tensor> {
  const slow = input.tensors.flatMap(({ name }) => state[`${name}/slow`] ?? []);
  const direction = updates.find((update) => update.direction !== null)?.direction ?? null;
  return {
    'optim/update_norm': tf.sqrt(tf.addN(updates.map((update) => update.changeSquared))),
    ...(slow.length === 0 ? {} : { 'optim/grokfast_mu_norm': tf.sqrt(tf.addN(slow.map(sumOfSquares))) }),
    // One matrix stands for all: measuring each would cost a ninth of the orthogonalisation again.
    ...(direction === null ? {} : { 'optim/ortho_error': orthogonalityError(direction) }),
  };
}

function filters({ filter, lambda }: MuGrokfastSettings): boolean {
  return filter !== 'off' && lambda !== 0;
}

function usesMuon(tensor: TensorDescription, { muon }: MuGrokfastSettings): boolean {
  return muon && isHiddenMatrix(tensor);
}

/** Matrices decay; the embedding table and everything one-dimensional do not. */
export function decays({ role, shape }: TensorDescription): boolean {
  return shape.length > 1 && role !== 'embedding';
}
