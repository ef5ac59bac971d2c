import * as tf from '@tensorflow/tfjs';
import type { Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs';
import type { DecodeInput, Decoded } from '../../../core/contracts/architecture.js';
import type { TensorMap, TensorSpecs } from '../../../core/contracts/tensor.js';
import {
  attendCached,
  cachePlan,
  embeddingLookup,
  extendCache,
  keyValues,
  lastOfRows,
  rmsNorm,
  swiglu,
} from '../../../nn/layers/index.js';
import type { LlamaConfig } from './config.js';
import { geometryOf } from './forward.js';
import { bindWeights } from './parameters.js';

/** int32 [B]: tokens read so far. */
const LENGTH = 'length';

/** Keys and values of every layer, [B, K, slots, dh], and how many tokens each row has read. */
export function carried(config: LlamaConfig, rows: number, longest = Infinity): TensorSpecs {
  const { keyValueHeads, contextLength, headWidth, layers } = config;
  const slots = Math.min(contextLength, longest);
  const cache = { shape: [rows, keyValueHeads, slots, headWidth], dtype: 'float32' as const };
  const caches = Array.from({ length: layers }, (_, layer) => [
    [`layers.${layer}.key`, cache] as const,
    [`layers.${layer}.value`, cache] as const,
  ]);
  return { [LENGTH]: { shape: [rows], dtype: 'int32' }, ...Object.fromEntries(caches.flat()) };
}

/** Read the next tokens with what was carried; see `Decoder` of the contract. */
export function decode(
  config: LlamaConfig,
  params: TensorMap,
  state: TensorMap,
  { ids, counts }: DecodeInput,
): Decoded {
  const weights = bindWeights(config, params);
  const tokens = ids.shape[1];
  const { normEpsilon: epsilon } = config;
  const slots = state['layers.0.key']!.shape[2]!;
  const before = state[LENGTH] as Tensor1D;
  const positions = tf.add(tf.expandDims(before, 1), tf.range(0, tokens, 1, 'int32')) as Tensor2D;
  const geometry = geometryOf(config, tokens, positions);
  const plan = cachePlan(before, counts, tokens, { slots, window: Infinity });
  const after: TensorMap = { [LENGTH]: tf.add(before, counts) };
  let x = embeddingLookup(weights.table, ids) as Tensor3D;
  for (const [layer, part] of weights.layers.entries()) {
    const [keyName, valueName] = [`layers.${layer}.key`, `layers.${layer}.value`];
    const cache = { key: state[keyName] as Tensor4D, value: state[valueName] as Tensor4D };
    const u = rmsNorm(x, part.attentionNorm, epsilon);
    const { seen, next } = extendCache(cache, keyValues(u, part.attention, geometry), plan);
    Object.assign(after, { [keyName]: next.key, [valueName]: next.value });
    const mixed = tf.add(x, attendCached(u, seen, part.attention, geometry, plan)) as Tensor3D;
    x = tf.add(mixed, swiglu(rmsNorm(mixed, part.ffnNorm, epsilon), part.ffn)) as Tensor3D;
  }
  const last = tf.expandDims(lastOfRows(x, null, counts), 1) as Tensor3D;
  const features = tf.expandDims(rmsNorm(last, weights.norm, epsilon), 0) as Tensor4D;
  return { features, head: weights.head, halting: [], state: after };
}
