import type { TensorDescription } from '../../../core/contracts/architecture.js';
import { COMPRESSOR } from '../../../core/contracts/compressor.js';
import type { PlanContext } from '../../../core/contracts/phase.js';
import { normName, type Quantization, type TensorFormat } from '../../../core/contracts/quantization.js';
import {
  choiceProblems,
  formatChoices,
  layerMap,
  type FormatNames,
  type FormatRules,
  type TensorChoice,
  type WeightFormats,
} from '../../../nn/quantization/index.js';
import type { BitnetOptions } from './options.js';
import { AT } from './paths.js';

type Formats = BitnetOptions['formats'];

/** Of the norms before matrices; that of BitNet's own layers. */
const NORM_EPSILON = 1e-5;
/** What is not quantised is stored as half floats and computed with as they are. */
export const KEPT = 'float16';
const PINS_AT = `${AT}.formats.pins`;

/** The formats that options name, with their compressors. @throws ForgeError AF_PLUGIN_UNKNOWN, AF_CONFIG_INVALID */
export function weightFormats({ resolve }: Pick<PlanContext, 'resolve'>, { named }: Formats): WeightFormats {
  return Object.fromEntries(
    Object.entries<TensorFormat>({ ...named, [KEPT]: { use: KEPT } }).map(([name, format]) => [
      name,
      { format, compressor: resolve(COMPRESSOR, format.use, format.options) },
    ]),
  );
}

/** Which formats tensors may have: linear matrices the ladder, tables their own; pins go before both. */
export function formatRules({ ladder, tables, pins, smallest }: Formats): FormatRules {
  return { ladder, kept: KEPT, pins: { embedding: tables, 'output-head': tables, ...pins }, smallest };
}

/**
 * What every tensor of the model may be held in.
 * @throws ForgeError AF_CONFIG_INVALID with every pin that names no tensor or no format
 */
export function choicesOf(
  tensors: readonly TensorDescription[],
  formats: WeightFormats,
  options: Formats,
): TensorChoice[] {
  return formatChoices(tensors, formats, rulesFor(tensors, options), PINS_AT);
}

/** What {@link choicesOf} would refuse. */
export function pinProblems(
  tensors: readonly TensorDescription[],
  formats: WeightFormats,
  options: Formats,
): ReturnType<typeof choiceProblems> {
  return choiceProblems(tensors, formats, rulesFor(tensors, options), PINS_AT);
}

/** A model without an output head of its own has no tensor to pin: only what the user wrote must name something. */
function rulesFor(tensors: readonly TensorDescription[], options: Formats): FormatRules {
  const rules = formatRules(options);
  const roles = new Set<string>(tensors.map(({ role }) => role));
  const pins = Object.entries(rules.pins ?? {}).filter(
    ([name]) => Object.hasOwn(options.pins, name) || roles.has(name),
  );
  return { ...rules, pins: Object.fromEntries(pins) };
}

/** The quantization of a model whose weights are latents. @param names of formats by the names of tensors */
export function quantizationOf(
  tensors: readonly TensorDescription[],
  names: FormatNames,
  formats: WeightFormats,
  { activations, norms }: Pick<Formats, 'activations' | 'norms'>,
): Quantization {
  const quantised = tensors.filter(({ name }) => names[name] !== KEPT);
  const own = Object.fromEntries(quantised.map(({ name }) => [name, names[name]!]));
  return {
    weights: 'latent',
    activations,
    epsilon: NORM_EPSILON,
    norms: tensors
      .filter(({ role, linear }) => linear === true && norms.includes(role))
      .map(({ name }) => name),
    formats: layerMap(own, formats),
  };
}

/** Names of the gains that a quantization adds. */
export function gainNames({ norms }: Pick<Quantization, 'norms'>): readonly string[] {
  return norms.map(normName);
}
