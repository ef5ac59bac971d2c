import type { TensorDescription, TensorRole } from '../../../core/contracts/architecture.js';
import type { Compressor } from '../../../core/contracts/compressor.js';
import type { TensorFormat } from '../../../core/contracts/quantization.js';
import { problemsError, type Problem } from '../../../core/errors/index.js';
import { elementCount } from '../../models/index.js';
import { hintsOf } from '../quantized.js';
import { pinOf, pinProblems, type FormatPins } from './pins.js';

/** A way to hold weights. */
export interface WeightFormat {
  readonly format: TensorFormat;
  readonly compressor: Compressor;
}

/** Formats by the names that rules and layer maps call them by. */
export type WeightFormats = Readonly<Record<string, WeightFormat>>;

/** Which formats a tensor may have. */
export interface FormatRules {
  /** Of matrices that are quantised, the one of the fewest bytes first. Default ternary, int4, int8, float16. */
  readonly ladder?: readonly string[];
  /** Of everything else. Default float16. */
  readonly kept?: string;
  /** What the user wants otherwise. Default nothing. */
  readonly pins?: FormatPins;
  /** Fewest weights of a tensor that is quantised. Default 4096. */
  readonly smallest?: number;
}

export const LADDER: readonly string[] = ['ternary', 'int4', 'int8', 'float16'];
const KEPT = 'float16';
const SMALLEST = 4096;

/** Linear matrices that stay as they are unless pinned: little is saved, and everything depends on them. */
const KEPT_ROLES: ReadonlySet<TensorRole> = new Set<TensorRole>([
  'output-head',
  'gate',
  'halting',
  'mixing-head',
]);

/** What a tensor may be held in and what that takes, fewest bytes first; a single one where nothing is to be chosen. */
export interface TensorChoice {
  readonly tensor: TensorDescription;
  readonly options: readonly { readonly format: string; readonly bytes: number }[];
  /** Why it has these. */
  readonly reason: string;
}

/**
 * What every tensor of a model may be held in. Linear matrices have the whole ladder; embeddings, heads, gates, norms,
 * biases and what is too small are kept in one format, as Wang et al. (2023) keep them; pins go before all that.
 *
 * @param at config path of the pins, for messages
 * @throws ForgeError AF_CONFIG_INVALID with every pin that names no tensor, no format, or a tensor that is too small
 */
export function formatChoices(
  tensors: readonly TensorDescription[],
  formats: WeightFormats,
  rules: FormatRules,
  at: string,
): TensorChoice[] {
  const problems = choiceProblems(tensors, formats, rules, at);
  if (problems.length > 0)
    throw problemsError('AF_CONFIG_INVALID', 'The choice of formats', problems, problems[0]!.fix ?? '');
  return tensors.map((tensor) => {
    const { names, reason } = allowed(tensor, rules);
    const options = names.map((name) => ({
      format: name,
      bytes: bytesIn(formats[name]!.compressor, tensor),
    }));
    return { tensor, reason, options };
  });
}

/** What {@link formatChoices} refuses. */
export function choiceProblems(
  tensors: readonly TensorDescription[],
  formats: WeightFormats,
  { pins = {}, smallest = SMALLEST, kept = KEPT }: FormatRules,
  at: string,
): Problem[] {
  const small = tensors.flatMap((tensor): Problem[] => {
    const weights = elementCount(tensor.shape);
    const pin = pinOf(tensor, pins);
    if (weights >= smallest || pin === null || !pin.named || pin.format === kept) return [];
    return [
      {
        at: `${at}.${tensor.name}`,
        message: `is too small to be held in ${pin.format}`,
        expected: `at least ${counted(smallest)} weights`,
        found: counted(weights),
        fix: `Leave it out: it is kept in ${kept}. Or lower the least size of what is quantised.`,
      },
    ];
  });
  return [...pinProblems(pins, tensors, Object.keys(formats), at), ...small];
}

function allowed(
  tensor: TensorDescription,
  { ladder = LADDER, kept = KEPT, pins = {}, smallest = SMALLEST }: FormatRules,
): { readonly names: readonly string[]; readonly reason: string } {
  const weights = elementCount(tensor.shape);
  const pin = pinOf(tensor, pins);
  if (pin !== null && (pin.named || weights >= smallest))
    return { names: [pin.format], reason: pin.named ? 'asked for' : `asked for by ${pin.key}` };
  const keep = (reason: string) => ({ names: [kept], reason });
  if (weights < smallest)
    return keep(`too small: ${counted(weights)} weights, fewer than ${counted(smallest)}`);
  if (tensor.linear !== true || tensor.shape.length !== 2) return keep('not a matrix of a linear layer');
  if (KEPT_ROLES.has(tensor.role)) return keep(`${tensor.role} is kept`);
  return { names: ladder, reason: 'linear matrix' };
}

/** Header left out. */
function bytesIn(compressor: Compressor, tensor: TensorDescription): number {
  const { shape } = tensor;
  const hints = hintsOf(tensor);
  if (compressor.bytes !== undefined) return compressor.bytes(shape, hints);
  const data = new Float32Array(elementCount(shape));
  return compressor.compress({ shape, dtype: 'float32', data }, hints).bytes.byteLength;
}

function counted(count: number): string {
  return count.toLocaleString('en-US');
}
