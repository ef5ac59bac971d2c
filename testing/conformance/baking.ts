import type { Tensor2D } from '@tensorflow/tfjs';
import type { BakingExample, BakingMethod, BakingRow, BakingShape } from '../../core/contracts/baking.js';
import type { TensorDict, TensorSpecs } from '../../core/contracts/tensor.js';
import { answerLogits } from '../../nn/models/logits.js';
import { stream } from '../../nn/random/index.js';
import { casesOf, type ConformanceCase, type Subject } from '../case.js';
import { cpuTfjs, toHost, toTfjs } from '../cpu-tfjs.js';
import { expectClose, expectEqual, expectFinite, expectThat } from '../expect.js';
import { letterTokenizer } from '../fixtures/letters.js';
import { openBakingBench, trainBriefly, type BakingBench } from './baking-bench.js';

export interface BakingConformanceOptions {
  /** Updates after which the loss must be lower. Default 20. */
  readonly steps?: number;
  /** Learning rate of these updates. Default 0.01. */
  readonly learningRate?: number;
  /** Largest difference of logits before and after merging, relative to the larger of 1 and their size. Default 1e-4. */
  readonly tolerance?: number;
}

/** No letter of an input is in what is written, and the other way round. */
const EXAMPLES: readonly BakingExample[] = ['ab', 'cd', 'b', 'dcba', 'ac', 'bd'].map((input, i) => ({
  input,
  trace: i % 2 === 0 ? 'uv' : '',
  output: 'xyz',
  strategy: i % 2 === 0 ? 'worked' : null,
  prompt: 'pq',
}));
const SHAPE: BakingShape = { length: 16, promptLength: 2 };
const TOO_LONG: BakingExample = { ...EXAMPLES[0]!, output: 'x'.repeat(SHAPE.length + 1) };

function rowsFit(rows: readonly BakingRow[], extras: TensorSpecs): void {
  expectThat(rows.length > 0, 'examples that fit give no row');
  for (const row of rows) {
    const { ids, targets, segments } = row;
    expectEqual(
      [ids.length, targets.length, segments.length],
      [SHAPE.length, SHAPE.length, SHAPE.length],
      'lengths of ids, targets and segments',
    );
    expectEqual(Object.keys(row.extras ?? {}).sort(), Object.keys(extras).sort(), 'names of the extras');
    for (const [name, { shape }] of Object.entries(extras)) {
      const size = shape.reduce((product, side) => product * side, 1);
      expectThat(
        row.extras![name]!.length === size,
        `extra ${name}: expected ${size} elements, found ${row.extras![name]!.length}`,
      );
    }
  }
}

/** Targets are written tokens, each at a position that the next one follows. */
function inputMasked(method: BakingMethod): void {
  const read = new Set(EXAMPLES.flatMap(({ input, prompt }) => letterTokenizer.encode(input + prompt!)));
  const { rows } = method.rows(EXAMPLES, letterTokenizer, SHAPE);
  const targets = rows.flatMap((row) => [...row.targets]);
  expectThat(
    targets.some((id) => id >= 0),
    'nothing is trained',
  );
  expectThat(!targets.some((id) => read.has(id)), 'tokens of an input or a prompt are among the targets');
  for (const { ids, targets: own } of rows)
    own.forEach((id, t) => {
      if (id >= 0) expectThat(ids[t + 1] === id, `target ${id} at position ${t}: ${ids[t + 1]} follows`);
    });
}

/** Ids of its own in front, with a prompt for the teacher alone, and a token in the middle that the model did not write. */
function readsAndLearns(method: BakingMethod): void {
  const [asked, ...told] = letterTokenizer.encode('apq') as [number, number, number];
  const written = letterTokenizer.encode('xyz');
  const [start] = letterTokenizer.special.bos === null ? [asked] : [letterTokenizer.special.bos];
  const read = { model: [start, asked], teacher: [start, ...told, asked] };
  const example = { ...EXAMPLES[0]!, input: 'c', read, written, given: [1] };
  const { rows } = method.rows([example], letterTokenizer, SHAPE);
  expectEqual(rows.length, 1, 'rows of one example');
  const [{ ids, targets }] = rows as [BakingRow];
  const own = [...read.model, ...written];
  expectEqual([...ids.slice(0, own.length)], own, 'what is read and written, by its ids');
  expectThat(!told.some((id) => ids.includes(id)), 'the model reads what its teacher alone is to read');
  const learnt = [...targets].flatMap((id, t) => (id >= 0 ? [[id, t] as const] : []));
  expectEqual(
    learnt,
    [
      [written[0], 1],
      [written[2], 3],
    ],
    'targets and their positions: every written token but the one that was given',
  );
}

function leavesOut(method: BakingMethod): void {
  const { rows, skipped } = method.rows([EXAMPLES[0]!, TOO_LONG, EXAMPLES[1]!], letterTokenizer, SHAPE);
  expectEqual([...skipped], [1], 'indices of the examples that do not fit');
  const without = method.rows([EXAMPLES[0]!, EXAMPLES[1]!], letterTokenizer, SHAPE);
  expectEqual(rows, without.rows, 'rows beside an example that does not fit');
}

/** Added tensors as training might leave them. */
function moved(added: TensorDict): TensorDict {
  return Object.fromEntries(
    Object.entries(added).map(([name, tensor]) => {
      const numbers = stream(5, 'baking-conformance', name);
      return [
        name,
        { ...tensor, data: Float32Array.from(tensor.data, (value) => value + 0.1 * numbers.normal()) },
      ];
    }),
  );
}

/** Logits of the plain model that a transform gives. */
async function logitsOf(
  { architecture, config }: BakingBench,
  weights: TensorDict,
  transform?: NonNullable<ReturnType<BakingMethod['tensors']>['transform']>,
): Promise<ArrayLike<number>> {
  const lib = await cpuTfjs();
  const outputs = lib.tidy(() => {
    const params = toTfjs(lib, weights);
    const ids = lib.tensor2d([[1, 5, 9, 13, 17, 21]], [1, 6], 'int32');
    const input = { ids, segments: lib.zeros([1, 6], 'int32') as Tensor2D };
    const computed = transform === undefined ? params : transform(params);
    return { logits: lib.clone(answerLogits(architecture.forward(config, computed, input))) };
  });
  return (await toHost(outputs))['logits']!.data;
}

async function merges(method: BakingMethod, tolerance: number): Promise<void> {
  const bench = await openBakingBench();
  const tensors = method.tensors(bench.tensors);
  const transform = tensors.transform?.bind(tensors);
  const { weights } = bench;
  const begun = await logitsOf(bench, { ...weights, ...tensors.initial(1) }, transform);
  expectClose(begun, await logitsOf(bench, weights), 1e-6, 'logits before the first update');
  const all = { ...weights, ...moved(tensors.initial(1)) };
  const merged = tensors.merge(all);
  expectEqual(Object.keys(merged), Object.keys(weights), 'names of the merged weights');
  for (const [name, { shape, data }] of Object.entries(merged)) {
    expectEqual([...shape], [...weights[name]!.shape], `shape of ${name}`);
    expectFinite(data, name);
  }
  const expected = await logitsOf(bench, all, transform);
  expectClose(await logitsOf(bench, merged), expected, tolerance, 'logits of the merged weights');
}

async function learns(method: BakingMethod, steps: number, learningRate: number): Promise<void> {
  const { before, after } = await trainBriefly(method, EXAMPLES, SHAPE, { steps, learningRate });
  expectFinite([before, after], 'held-out loss');
  expectThat(after < before, `${steps} updates took the loss from ${before} to ${after}`);
}

/** What every baking method must do: train what is written and nothing of what is read, and merge into the plain model. */
export function bakingConformance(
  subject: Subject<BakingMethod>,
  options: BakingConformanceOptions = {},
): ConformanceCase[] {
  const { steps = 20, learningRate = 0.01, tolerance = 1e-4 } = options;
  return casesOf(subject, {
    'gives rows of the shape it was asked for, with what it says beside': (method) =>
      rowsFit(method.rows(EXAMPLES, letterTokenizer, SHAPE).rows, method.extras?.(SHAPE) ?? {}),
    'trains what is written, not what is read': inputMasked,
    'reads the ids that it is told to read, and learns nothing that was given': readsAndLearns,
    'leaves out whole examples that do not fit, and says which': leavesOut,
    'gives the same rows every time': async (method) => {
      const again = (await subject()).rows(EXAMPLES, letterTokenizer, SHAPE);
      expectEqual(again, method.rows(EXAMPLES, letterTokenizer, SHAPE), 'rows of another instance');
    },
    'begins as the model it was, and merges into the plain model': (method) => merges(method, tolerance),
    'brings down what it is measured by': (method) => learns(method, steps, learningRate),
  });
}
