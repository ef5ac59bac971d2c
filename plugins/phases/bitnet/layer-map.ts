import type { TensorDescription } from '../../../core/contracts/architecture.js';
import { normName, type Quantization, type TensorFormat } from '../../../core/contracts/quantization.js';
import { ForgeError, nearest } from '../../../core/errors/index.js';
import { countParameters } from '../../../nn/models/index.js';
import type { BitnetOptions } from './options.js';

type Formats = BitnetOptions['formats'];

/** What becomes of a tensor, and why. */
export interface LayerChoice {
  readonly tensor: TensorDescription;
  /** Null: it stays as it is. */
  readonly format: TensorFormat | null;
  readonly reason: 'linear' | 'table' | 'pinned' | 'small' | 'other';
}

/** Of the norms before matrices; that of BitNet's own layers. */
const NORM_EPSILON = 1e-5;

/**
 * The format of every tensor by its role: linear matrices, tables, and what the options pin; matrices that are too small,
 * vectors and all else stay as they are.
 *
 * @throws ForgeError AF_CONFIG_INVALID when a pin names no tensor and no role of the model, or no matrix is left
 */
export function layerMap(tensors: readonly TensorDescription[], formats: Formats): LayerChoice[] {
  requirePins(tensors, formats);
  const chosen = tensors.map((tensor) => choiceOf(tensor, formats));
  if (chosen.some(({ format }) => format !== null)) return chosen;
  throw new ForgeError('AF_CONFIG_INVALID', 'No tensor of the model would be quantised.', {
    at: `${AT}.smallest`,
    fix: 'Lower formats.smallest below the size of its largest matrix, or pin fewer tensors.',
    facts: { largest: Math.max(...tensors.map((tensor) => countParameters([tensor]))) },
  });
}

const AT = 'phases.bitnet.formats';

function choiceOf(tensor: TensorDescription, formats: Formats): LayerChoice {
  const { name, role } = tensor;
  const { pinned, linear, tables, smallest } = formats;
  const key = [name, role].find((one) => Object.hasOwn(pinned, one));
  if (key !== undefined) return { tensor, format: pinned[key]!, reason: 'pinned' };
  const isTable = role === 'embedding' || role === 'output-head';
  if (isTable) return { tensor, format: tables, reason: 'table' };
  if (tensor.linear !== true) return { tensor, format: null, reason: 'other' };
  return countParameters([tensor]) < smallest
    ? { tensor, format: null, reason: 'small' }
    : { tensor, format: linear, reason: 'linear' };
}

function requirePins(tensors: readonly TensorDescription[], { pinned }: Formats): void {
  const known = [...new Set(tensors.flatMap(({ name, role }) => [name, role]))];
  const always = new Set(['gate', 'halting', 'mixing-head']);
  const unknown = Object.keys(pinned).filter((name) => !known.includes(name) && !always.has(name));
  if (unknown.length === 0) return;
  throw new ForgeError('AF_CONFIG_INVALID', 'Formats are pinned to what the model does not have.', {
    at: `${AT}.pinned`,
    problems: unknown.map((name) => {
      const meant = nearest(name, known);
      return {
        at: `${AT}.pinned.${name}`,
        message: 'no tensor and no role of the model has this name',
        ...(meant === undefined ? {} : { fix: `did you mean "${meant}"?` }),
      };
    }),
  });
}

/** The quantization of a model whose weights are latents. */
export function quantizationOf(
  choices: readonly LayerChoice[],
  { activations, norms }: Pick<Formats, 'activations' | 'norms'>,
): Quantization {
  const quantised = choices.flatMap(({ tensor, format }) =>
    format === null ? [] : [[tensor, format] as const],
  );
  return {
    weights: 'latent',
    activations,
    epsilon: NORM_EPSILON,
    norms: quantised
      .filter(([{ role, linear }]) => linear === true && norms.includes(role))
      .map(([{ name }]) => name),
    formats: Object.fromEntries(quantised.map(([{ name }, format]) => [name, format])),
  };
}

/** Names of the gains that a quantization adds. */
export function gainNames({ norms }: Pick<Quantization, 'norms'>): readonly string[] {
  return norms.map(normName);
}
