import type { TensorRole } from '../../../core/contracts/architecture.js';

/** A tensor name taken apart: `model.layers.3.mlp.up_proj.weight` is layer 3 of the stack `model.layers`. */
export interface LayeredName {
  readonly stack: string;
  readonly layer: number;
  /** What follows the number. */
  readonly rest: string;
}

/**
 * A tensor of a layer, by the words that checkpoints use for a list of layers: Llama and most others `layers`, GPT-2,
 * GPT-J and Falcon `h`, MPT `blocks`, T5 `block`. The number of a layer has six digits at most.
 */
const LAYERED = /^(.*?(?:^|\.)(?:layers|h|blocks|block))\.(\d{1,6})\.(.+)$/;

/** The layer that a tensor belongs to, or null for one outside of all layers. */
export function layeredName(name: string): LayeredName | null {
  const match = LAYERED.exec(name);
  return match === null ? null : { stack: match[1]!, layer: Number(match[2]), rest: match[3]! };
}

/** The name of the same tensor in another layer. */
export function inLayer({ stack, rest }: LayeredName, layer: number): string {
  return `${stack}.${layer}.${rest}`;
}

/** Layers of every stack: one more than the highest number. A name may claim any number, see {@link layersThere}. */
export function layerCounts(names: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) {
    const found = layeredName(name);
    if (found !== null) counts.set(found.stack, Math.max(counts.get(found.stack) ?? 0, found.layer + 1));
  }
  return counts;
}

/** How many layers of a stack have a tensor. */
export function layersThere(names: Iterable<string>, stack: string): number {
  const found = [...names].map(layeredName).filter((name) => name?.stack === stack);
  return new Set(found.map((name) => name!.layer)).size;
}

/** Whether a tensor outside of the layers stands before them; the others (final norm, output head) stand after. */
export function isBeforeLayers(name: string): boolean {
  return /(^|\.)(wte|wpe|tok_embeddings|\w*embed\w*)(\.|$)/.test(name) && !name.includes('embed_out');
}

/** What names of Llama-like checkpoints tell of a tensor's role; the first that matches counts. */
const ROLES: readonly (readonly [RegExp, TensorRole])[] = [
  [/\.bias$/, 'bias'],
  [/(^|\.)(lm_head|embed_out|output)\.weight$/, 'output-head'],
  [/(^|\.)(embed_tokens|tok_embeddings|embed_in|wte|word_embeddings|embeddings?)\.weight$/, 'embedding'],
  [/(norm|ln_\w+|layernorm)\w*\.weight$/i, 'norm'],
  [/\.(q_proj|query|wq)\.weight$/, 'attention-query'],
  [/\.(k_proj|key|wk)\.weight$/, 'attention-key'],
  [/\.(v_proj|value|wv)\.weight$/, 'attention-value'],
  [/\.(o_proj|wo)\.weight$/, 'attention-output'],
  [/\.(gate_proj|w1)\.weight$/, 'ffn-gate'],
  [/\.(up_proj|w3)\.weight$/, 'ffn-up'],
  [/\.(down_proj|w2)\.weight$/, 'ffn-down'],
];

/** The role of a tensor by its name, or undefined when the name does not tell. */
export function roleOf(name: string): TensorRole | undefined {
  return ROLES.find(([pattern]) => pattern.test(name))?.[1];
}
