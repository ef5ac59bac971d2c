import * as tf from '@tensorflow/tfjs';
import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import { Type } from '@sinclair/typebox';
import type { Architecture, TensorDescription } from '../../../core/contracts/architecture.js';
import { embeddingLookup, linear } from '../../../nn/layers/index.js';
import { initializeWeights } from '../../../nn/models/index.js';
import { specsOf } from '../../../nn/training/index.js';

export const [WIDTH, WIDE] = [3, 5];

const init = { kind: 'normal', std: 1 } as const;

function describe(): TensorDescription[] {
  return [
    { name: 'table', shape: [8, WIDTH], role: 'embedding', init },
    { name: 'twice', shape: [WIDTH, WIDTH], role: 'recursion', init, linear: true },
    { name: 'up', shape: [WIDE, WIDTH], layout: 'out-in', role: 'ffn-up', init, linear: true, layer: 0 },
    { name: 'down', shape: [WIDE, WIDTH], role: 'ffn-down', init, linear: true, layer: 0 },
    { name: 'pooled', shape: [WIDTH, 2], role: 'gate', init, linear: true },
    { name: 'both', shape: [WIDTH, 2], role: 'gate', init, linear: true },
    { name: 'direct', shape: [WIDTH, 2], role: 'gate', init, linear: true },
  ];
}

/**
 * x = table[ids]; twice x <- x W_twice; d = relu(x W_up^T); y = d W_down. `pooled` sees a mean of each row, `both` two
 * sequences at once, `direct` is multiplied by without a linear layer.
 */
export const toy: Architecture = {
  configSchema: Type.Object({}),
  describe,
  contextLength: () => 16,
  vocabularySize: () => 8,
  attentions: () => [],
  forward: (_config, params, { ids }) => {
    const matrix = (name: string): Tensor2D => params[name] as Tensor2D;
    let x = embeddingLookup(matrix('table'), ids) as Tensor3D;
    for (let step = 0; step < 2; step++) x = linear(x, matrix('twice'));
    linear(tf.mean(x, 1), matrix('pooled'));
    linear(tf.concat([x, tf.neg(x)]), matrix('both'));
    tf.matMul(tf.reshape(x, [-1, WIDTH]), matrix('direct'));
    const y = linear(tf.relu(linear(x, matrix('up'), undefined, 'out-in')), matrix('down'));
    const empty = { halting: [], hidden: [], peaks: [], statistics: {} };
    return { features: tf.expandDims(y, 0), head: matrix('table'), ...empty };
  },
};

export const toyWeights = initializeWeights(describe(), 5);

export const toySubject = { architecture: toy, config: {}, specs: specsOf(toyWeights) };

/** Inputs of the matrices for single tokens, by plain loops in float64. @returns by matrix, one vector per use and token */
export function toyInputs(ids: readonly number[]): Record<string, number[][]> {
  const inputs: Record<string, number[][]> = { twice: [], up: [], down: [], both: [] };
  for (const id of ids) {
    let x = row('table', id);
    for (let step = 0; step < 2; step++) {
      inputs['twice']!.push(x);
      x = product(x, 'twice');
    }
    inputs['both']!.push(
      x,
      x.map((value) => -value),
    );
    inputs['up']!.push(x);
    const { data } = toyWeights['up']!;
    const up = Array.from({ length: WIDE }, (_, o) =>
      x.reduce((sum, value, i) => sum + value * data[o * WIDTH + i]!, 0),
    );
    inputs['down']!.push(up.map((value) => Math.max(0, value)));
  }
  return inputs;
}

function row(name: string, index: number): number[] {
  const { data, shape } = toyWeights[name]!;
  const width = shape[1]!;
  return Array.from(data.slice(index * width, (index + 1) * width));
}

function product(x: readonly number[], name: string): number[] {
  const { shape } = toyWeights[name]!;
  return Array.from({ length: shape[1]! }, (_, o) =>
    x.reduce((sum, value, i) => sum + value * row(name, i)[o]!, 0),
  );
}
