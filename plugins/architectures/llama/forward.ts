import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs';
import type { Forward, ForwardInput, ForwardOptions } from '../../../core/contracts/architecture.js';
import type { TensorMap } from '../../../core/contracts/tensor.js';
import {
  attend,
  attentionMask,
  embeddingLookup,
  keyValues,
  rmsNorm,
  ropeFar,
  ropeTable,
  sameDocument,
  swiglu,
  type AttentionGeometry,
  type AttentionMask,
} from '../../../nn/layers/index.js';
import type { LlamaConfig } from './config.js';
import { attentionSites } from './describe.js';
import { bindWeights, type LayerWeights } from './parameters.js';

/** Llama (Touvron et al. 2023): pre-norm blocks of causal rotary attention and SwiGLU. One step, no halting. */
export function forward(
  config: LlamaConfig,
  params: TensorMap,
  input: ForwardInput,
  options: ForwardOptions = {},
): Forward {
  const weights = bindWeights(config, params);
  const same = sameDocument(input.segments);
  const visible = input.mask === undefined ? same : tf.mul(same, input.mask);
  const mask = attentionMask(visible as Tensor3D, Infinity);
  const geometry = geometryOf(config, input.ids.shape[1], input.positions);
  const hidden: Tensor3D[] = [];
  const peaks: Tensor1D[] = [];
  let x = embeddingLookup(weights.table, input.ids) as Tensor3D;
  for (const layer of weights.layers) {
    const result = runLayer(x, layer, geometry, mask, { epsilon: config.normEpsilon, peaks: options.peaks });
    x = result.x;
    if (result.peak !== null) peaks.push(result.peak);
    hidden.push(x);
  }
  const seen = options.select === undefined ? x : pickPosition(x, options.select);
  const normed = rmsNorm(seen, weights.norm, config.normEpsilon);
  const sites = attentionSites(config);
  return {
    features: tf.expandDims(normed, 0) as Tensor4D,
    head: weights.head,
    halting: [],
    hidden: options.hidden === true ? hidden : [],
    peaks: peaks.map((peak, layer) => ({ ...sites[layer]!, peak })),
    statistics: {},
  };
}

/** Rotary tables for positions 0..length-1, or for given ones; those of the queries carry the scale of the scores. */
export function geometryOf(config: LlamaConfig, length: number, positions?: Tensor2D): AttentionGeometry {
  const { heads, keyValueHeads: keyHeads, headWidth, ropeTheta } = config;
  const scale = 1 / Math.sqrt(headWidth);
  if (positions === undefined)
    return {
      ...{ heads, keyHeads },
      queryRope: ropeTable(length, headWidth, ropeTheta, scale),
      keyRope: ropeTable(length, headWidth, ropeTheta),
    };
  const keyRope = ropeFar(positions, headWidth, ropeTheta);
  const queryRope = { cosine: tf.mul(keyRope.cosine, scale), sine: tf.mul(keyRope.sine, scale) };
  return { heads, keyHeads, queryRope, keyRope };
}

/** x <- x + attention(norm(x)); x <- x + ffn(norm(x)) */
function runLayer(
  x: Tensor3D,
  layer: LayerWeights,
  geometry: AttentionGeometry,
  mask: AttentionMask,
  { epsilon, peaks = false }: { readonly epsilon: number; readonly peaks: boolean | undefined },
): { readonly x: Tensor3D; readonly peak: Tensor1D | null } {
  const u = rmsNorm(x, layer.attentionNorm, epsilon);
  const source = keyValues(u, layer.attention, geometry);
  const attention = attend(u, source, layer.attention, geometry, mask, { peaks });
  const mixed = tf.add(x, attention.output) as Tensor3D;
  const ffn = swiglu(rmsNorm(mixed, layer.ffnNorm, epsilon), layer.ffn);
  return { x: tf.add(mixed, ffn) as Tensor3D, peak: attention.peak };
}

/** One position of each row. @param x [B, T, d] @param position int32 [B] @returns [B, 1, d] */
function pickPosition(x: Tensor3D, position: Tensor): Tensor3D {
  const [rows, length, width] = x.shape;
  const offsets = tf.add(tf.range(0, rows * length, length, 'int32'), position) as Tensor1D;
  return tf.reshape(tf.gather(tf.reshape(x, [rows * length, width]) as Tensor2D, offsets), [rows, 1, width]);
}
