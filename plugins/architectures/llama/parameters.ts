import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { TensorMap } from '../../../core/contracts/tensor.js';
import type { AttentionWeights, SwigluWeights } from '../../../nn/layers/index.js';
import type { LlamaConfig } from './config.js';
import { EMBEDDING, headName, layerTensor, NORM } from './describe.js';

export interface LayerWeights {
  readonly attentionNorm: Tensor1D;
  readonly attention: AttentionWeights;
  readonly ffnNorm: Tensor1D;
  readonly ffn: SwigluWeights;
}

/** The model's tensors, grouped as the layers take them. */
export interface LlamaWeights {
  /** [V, d] */
  readonly table: Tensor2D;
  readonly layers: readonly LayerWeights[];
  readonly norm: Tensor1D;
  /** [V, d]; the table itself where the head is tied */
  readonly head: Tensor2D;
}

/** Find the tensors of `describe` in a map. @throws Error when one is missing: a defect, never a user's mistake. */
export function bindWeights(config: LlamaConfig, params: TensorMap): LlamaWeights {
  const take = <T extends Tensor>(name: string): T => {
    const tensor = params[name];
    if (tensor === undefined) throw new Error(`llama was given no tensor ${name}`);
    return tensor as T;
  };
  return {
    table: take(EMBEDDING),
    layers: Array.from({ length: config.layers }, (_, layer) =>
      bindLayer((part) => take(layerTensor(layer, part))),
    ),
    norm: take(NORM),
    head: take(headName(config)),
  };
}

function bindLayer(take: <T extends Tensor>(part: string) => T): LayerWeights {
  return {
    attentionNorm: take('input_layernorm'),
    attention: {
      query: take('self_attn.q_proj'),
      key: take('self_attn.k_proj'),
      value: take('self_attn.v_proj'),
      output: take('self_attn.o_proj'),
      layout: 'out-in',
    },
    ffnNorm: take('post_attention_layernorm'),
    ffn: {
      gate: take('mlp.gate_proj'),
      up: take('mlp.up_proj'),
      down: take('mlp.down_proj'),
      layout: 'out-in',
    },
  };
}
