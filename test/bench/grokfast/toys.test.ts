import * as tf from '@tensorflow/tfjs';
import type { Tensor1D } from '@tensorflow/tfjs';
import { CI, FULL } from '../../../bench/grokfast/forms.js';
import { mlp } from '../../../bench/grokfast/mlp.js';
import { gelu, parametersOf, startOf, type Toy } from '../../../bench/grokfast/toy.js';
import { transformer } from '../../../bench/grokfast/transformer.js';
import type { TensorDict } from '../../../core/contracts/tensor.js';
import { useCpuBackend } from '../../support/engines.js';
import { toTensors } from '../../support/titans-mag.js';

useCpuBackend();

type Rows = number[][];

/** Phi(z) to 1e-12 by the series of its density (Abramowitz and Stegun 1964, 26.2.10). */
function belowNormal(z: number): number {
  let [term, sum] = [z, z];
  for (let n = 1; n < 200; n++) sum += (term *= -(z * z) / (2 * n)) / (2 * n + 1);
  return 0.5 + sum / Math.sqrt(2 * Math.PI);
}

/** Doubles of a tensor, row by row. */
class Weights {
  constructor(private readonly all: TensorDict) {}

  rows(name: string): Rows {
    const { shape, data } = this.all[name]!;
    const width = shape.at(-1)!;
    return Array.from({ length: data.length / width }, (_, i) => [...data.slice(i * width, (i + 1) * width)]);
  }

  row(name: string): number[] {
    return this.rows(name)[0]!;
  }

  linear(name: string, x: Rows): Rows {
    const [matrix, bias] = [this.rows(`${name}.weight`), this.row(`${name}.bias`)];
    return x.map((row) =>
      bias.map((shift, j) => shift + row.reduce((sum, value, i) => sum + value * matrix[i]![j]!, 0)),
    );
  }

  norm(name: string, x: Rows): Rows {
    const [gain, bias] = [this.row(`${name}.gain`), this.row(`${name}.bias`)];
    return x.map((row) => {
      const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
      const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
      return row.map((value, i) => ((value - mean) / Math.sqrt(variance + 1e-5)) * gain[i]! + bias[i]!);
    });
  }
}

const activated = (x: Rows): Rows => x.map((row) => row.map((value) => value * belowNormal(value)));
const sum = (x: Rows, y: Rows): Rows => x.map((row, i) => row.map((value, j) => value + y[i]![j]!));

/** Causal attention of every position, head by head. */
function attend(w: Weights, name: string, x: Rows, heads: number): Rows {
  const [q, k, v] = ['query', 'key', 'value'].map((part) => w.linear(`${name}.${part}`, x)) as [
    Rows,
    Rows,
    Rows,
  ];
  const width = q[0]!.length / heads;
  const mixed = q.map((_, t) =>
    Array.from({ length: heads }, (__, h) => {
      const part = (row: number[]): number[] => row.slice(h * width, (h + 1) * width);
      const scores = k.slice(0, t + 1).map((key) => {
        const product = part(key).reduce((total, value, i) => total + value * part(q[t]!)[i]!, 0);
        return Math.exp(product / Math.sqrt(width));
      });
      const total = scores.reduce((all, score) => all + score, 0);
      return part(v[0]!).map((___, i) =>
        scores.reduce((all, score, s) => all + (score / total) * part(v[s]!)[i]!, 0),
      );
    }).flat(),
  );
  return w.linear(`${name}.output`, mixed);
}

/** The published model, every position of every layer. */
function reference(w: Weights, [x, y]: [number, number], layers: number, heads: number): number[] {
  const tokens = w.rows('tokens');
  const read = [tokens[x]!, tokens.at(-2)!, tokens[y]!, tokens.at(-1)!];
  let state = sum(read, w.rows('positions').slice(0, 4));
  for (let layer = 0; layer < layers; layer++) {
    const name = `layers.${layer}`;
    state = sum(state, attend(w, name, w.norm(`${name}.norm-attention`, state), heads));
    const hidden = activated(w.linear(`${name}.up`, w.norm(`${name}.norm-ffn`, state)));
    state = sum(state, w.linear(`${name}.down`, hidden));
  }
  const [last, head] = [w.norm('norm', state).at(-1)!, w.rows('head')];
  return head[0]!.map((_, j) => last.reduce((total, value, i) => total + value * head[i]![j]!, 0));
}

function logits(toy: Toy, weights: TensorDict, pairs: readonly (readonly [number, number])[]): Rows {
  const ids = (side: 0 | 1): Tensor1D =>
    tf.tensor1d(
      pairs.map((pair) => pair[side]),
      'int32',
    );
  return tf.tidy(() => toy.logits(toTensors(weights), ids(0), ids(1)).arraySync());
}

test('parameters: as published, and 42 thousand', () => {
  expect(parametersOf(FULL.toy)).toBe(422_784);
  expect(parametersOf(CI.toy)).toBe(42_095);
});

test('the transformer is the published one, whatever it leaves out of its last layer', () => {
  const toy = transformer({ prime: 5, layers: 2, width: 8, heads: 2 });
  const weights = startOf(toy, 3);
  const pairs = [[0, 4] as const, [3, 3] as const];
  const found = logits(toy, weights, pairs);
  for (const [i, pair] of pairs.entries()) {
    const expected = reference(new Weights(weights), [...pair], 2, 2);
    expect(found[i]!.length).toBe(7);
    expected.forEach((value, j) => expect(found[i]![j]).toBeCloseTo(value, 4));
  }
});

test('the small one: both embeddings, two hidden layers, a head', () => {
  const toy = mlp({ prime: 5, embedding: 3, hidden: 4 });
  const weights = startOf(toy, 1);
  const w = new Weights(weights);
  const table = w.rows('table');
  const first = activated(w.linear('first', [[...table[2]!, ...table[4]!]]));
  const expected = w.linear('head', activated(w.linear('second', first)))[0]!;
  const [found] = logits(toy, weights, [[2, 4]]);
  expected.forEach((value, j) => expect(found![j]).toBeCloseTo(value, 5));
});

test('GELU and its gradient', () => {
  const at = [-3, -1, -0.1, 0, 0.5, 2];
  const [value, slope] = tf.tidy(() => {
    const x = tf.tensor1d(at);
    return [
      gelu(x).arraySync(),
      tf
        .grad((input) => tf.sum(gelu(input)))(x)
        .arraySync() as number[],
    ];
  }) as unknown as [number[], number[]];
  at.forEach((x, i) => {
    const exact = (z: number): number => z * belowNormal(z);
    expect(value[i]).toBeCloseTo(exact(x), 5);
    expect(slope[i]).toBeCloseTo((exact(x + 1e-4) - exact(x - 1e-4)) / 2e-4, 4);
  });
});

test('a start is that of its seed', () => {
  expect(startOf(CI.toy, 1)).toEqual(startOf(CI.toy, 1));
  expect(startOf(CI.toy, 1)['table']).not.toEqual(startOf(CI.toy, 2)['table']);
});
