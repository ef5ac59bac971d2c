import type {
  AttentionSite,
  Initializer,
  TensorDescription,
  TensorRole,
} from '../../../core/contracts/architecture.js';
import type { LlamaConfig } from './config.js';

/** Names of the tensors, those of Hugging Face checkpoints. */
export const EMBEDDING = 'model.embed_tokens.weight';
export const NORM = 'model.norm.weight';
export const HEAD = 'lm_head.weight';

/** Name of a tensor of a layer: `layerTensor(3, 'mlp.up_proj')` is `model.layers.3.mlp.up_proj.weight`. */
export function layerTensor(layer: number, part: string): string {
  return `model.layers.${layer}.${part}.weight`;
}

/** The table whose rows are the output head. */
export function headName({ tiedHead }: Pick<LlamaConfig, 'tiedHead'>): string {
  return tiedHead ? EMBEDDING : HEAD;
}

const normal = (std: number): Initializer => ({ kind: 'normal', std });

/** Every tensor of the model, in the order of the layers; matrices are [out, in] as the checkpoints have them. */
export function describeLlama(config: LlamaConfig): TensorDescription[] {
  const { vocabularySize, hiddenSize, layers, tiedHead, initializerStd: std } = config;
  const table = [vocabularySize, hiddenSize];
  return [
    { name: EMBEDDING, shape: table, role: 'embedding', init: normal(std) },
    ...Array.from({ length: layers }, (_, layer) => describeLayer(config, layer)).flat(),
    gain(NORM, hiddenSize),
    ...(tiedHead
      ? []
      : [
          {
            ...{ name: HEAD, shape: table, role: 'output-head' as const, init: normal(std) },
            ...{ layout: 'out-in' as const, linear: true },
          },
        ]),
  ];
}

function describeLayer(config: LlamaConfig, layer: number): TensorDescription[] {
  const { hiddenSize, ffn, heads, keyValueHeads, headWidth, layers, initializerStd: std } = config;
  const [queries, keys] = [heads * headWidth, keyValueHeads * headWidth];
  // Matrices that write to the residual stream start smaller, so that its variance does not grow with depth.
  const residualStd = std / Math.sqrt(2 * layers);
  const matrix = (part: string, role: TensorRole, out: number, from: number, spread = std) => ({
    ...{ name: layerTensor(layer, part), shape: [out, from], role, layer, init: normal(spread) },
    ...{ layout: 'out-in' as const, linear: true },
  });
  return [
    gain(layerTensor(layer, 'input_layernorm'), hiddenSize, layer),
    matrix('self_attn.q_proj', 'attention-query', queries, hiddenSize),
    matrix('self_attn.k_proj', 'attention-key', keys, hiddenSize),
    matrix('self_attn.v_proj', 'attention-value', keys, hiddenSize),
    matrix('self_attn.o_proj', 'attention-output', hiddenSize, queries, residualStd),
    gain(layerTensor(layer, 'post_attention_layernorm'), hiddenSize, layer),
    matrix('mlp.gate_proj', 'ffn-gate', ffn, hiddenSize),
    matrix('mlp.up_proj', 'ffn-up', ffn, hiddenSize),
    matrix('mlp.down_proj', 'ffn-down', hiddenSize, ffn, residualStd),
  ];
}

function gain(name: string, width: number, layer?: number): TensorDescription {
  return {
    ...{ name, shape: [width], role: 'norm', init: { kind: 'constant', value: 1 } },
    ...(layer === undefined ? {} : { layer }),
  };
}

/** One attention per layer. */
export function attentionSites({ layers, heads }: LlamaConfig): AttentionSite[] {
  return Array.from({ length: layers }, (_, layer) => ({
    query: layerTensor(layer, 'self_attn.q_proj'),
    key: layerTensor(layer, 'self_attn.k_proj'),
    heads,
  }));
}
