import type { Scalar, Tensor2D } from '@tensorflow/tfjs';
import type { Architecture, Batch, ForwardOptions } from '../../core/contracts/architecture.js';
import type { HostTensor, TensorDict, TensorMap } from '../../core/contracts/tensor.js';
import { allLogits, initializeWeights } from '../../nn/models/index.js';
import { stream } from '../../nn/random/index.js';
import { casesOf, type ConformanceCase, type Subject } from '../case.js';
import { cpuTfjs, toHost, toTfjs, type Tfjs } from '../cpu-tfjs.js';
import { expectClose, expectEqual, expectFinite, expectThat } from '../expect.js';
import { objectiveOf } from '../objective-of.js';
import { completeHyperparameters } from '../fixtures/tiny-model.js';
import { decoderChecks } from './architecture-decoder.js';

export interface ArchitectureConformanceOptions {
  /** A small configuration; the schema's defaults fill in the rest. */
  readonly hyperparameters: Readonly<Record<string, unknown>>;
  /** Largest difference between logits that must be equal. Default 1e-5. */
  readonly tolerance?: number;
  /** Largest distance of the untrained cross-entropy from ln(vocabulary), nats. Default 0.3. */
  readonly startTolerance?: number;
  readonly seed?: number;
  /** Tensors that one small batch may leave without a gradient, by name: experts that no token was sent to. */
  readonly mayRest?: (tensor: string) => boolean;
}

/** Rows, tokens per row. */
const ROWS = 2;
const LENGTH = 12;
/** First position of the second document in the first row. */
const SECOND_DOCUMENT = 7;
const IGNORED = -100;

/** An architecture with a complete config, weights and a batch of two rows; the first row holds two documents. */
interface Bench {
  readonly lib: Tfjs;
  readonly architecture: Architecture;
  readonly config: Record<string, unknown>;
  readonly weights: TensorDict;
  readonly ids: Int32Array;
  readonly targets: Int32Array;
  readonly segments: Int32Array;
}

async function benchOf(architecture: Architecture, options: ArchitectureConformanceOptions): Promise<Bench> {
  const { hyperparameters, seed = 7 } = options;
  const config = await completeHyperparameters(architecture, hyperparameters);
  const weights = initializeWeights(architecture.describe(config), seed);
  const numbers = stream(seed, 'architecture-conformance');
  const vocabulary = architecture.vocabularySize(config);
  const ids = Int32Array.from({ length: ROWS * LENGTH }, () => numbers.integer(vocabulary));
  const targets = ids.map((_, i) =>
    i % LENGTH === LENGTH - 1 || i === SECOND_DOCUMENT - 1 ? IGNORED : ids[i + 1]!,
  );
  const segments = ids.map((_, i) => (i >= SECOND_DOCUMENT && i < LENGTH ? 1 : 0));
  return { lib: await cpuTfjs(), architecture, config, weights, ids, targets, segments };
}

/** Logits of every step for the given ids, as host arrays [B, T, V]. */
async function logits(bench: Bench, ids: Int32Array, segments = bench.segments): Promise<HostTensor[]> {
  const { lib, architecture, config, weights } = bench;
  const steps = lib.tidy(() => {
    const rows = ids.length / LENGTH;
    const params = toTfjs(lib, weights);
    const pass = architecture.forward(config, params, {
      ids: lib.tensor2d(ids, [rows, LENGTH], 'int32'),
      segments: lib.tensor2d(segments, [rows, LENGTH], 'int32'),
    });
    return Object.fromEntries(allLogits(pass).map((step, k) => [String(k), lib.clone(step)]));
  });
  return Object.values(await toHost(steps));
}

/** Logits of positions [from, to) of one row. */
function at(step: HostTensor, row: number, from: number, to: number): ArrayLike<number> {
  const width = step.shape[2]!;
  const start = row * LENGTH * width;
  return step.data.subarray(start + from * width, start + to * width);
}

/** Ids with every token from `from` on (in one row) replaced by another. */
function replaced(bench: Bench, row: number, from: number, to = LENGTH): Int32Array {
  const vocabulary = bench.architecture.vocabularySize(bench.config);
  return bench.ids.map((id, i) => {
    const position = i - row * LENGTH;
    return position >= from && position < to ? (id + 1 + (position % (vocabulary - 1))) % vocabulary : id;
  });
}

async function causal(bench: Bench, tolerance: number): Promise<void> {
  const before = await logits(bench, bench.ids);
  for (const from of [1, 5, LENGTH - 1]) {
    const after = await logits(bench, replaced(bench, 1, from));
    before.forEach((step, k) => {
      expectClose(
        at(after[k]!, 1, 0, from),
        at(step, 1, 0, from),
        tolerance,
        `step ${k}, logits before position ${from}`,
      );
    });
    const [old, now] = [at(before.at(-1)!, 1, from, LENGTH), at(after.at(-1)!, 1, from, LENGTH)];
    expectThat(
      Array.from(old).some((value, i) => value !== now[i]),
      `replacing tokens from ${from} on changes nothing at all`,
    );
  }
}

async function isolated(bench: Bench, tolerance: number): Promise<void> {
  const before = await logits(bench, bench.ids);
  const otherDocument = await logits(bench, replaced(bench, 0, 0, SECOND_DOCUMENT));
  const otherRow = await logits(bench, replaced(bench, 0, 0));
  before.forEach((step, k) => {
    expectClose(
      at(otherDocument[k]!, 0, SECOND_DOCUMENT, LENGTH),
      at(step, 0, SECOND_DOCUMENT, LENGTH),
      tolerance,
      `step ${k}, second document of a row whose first changed`,
    );
    expectClose(
      at(otherRow[k]!, 1, 0, LENGTH),
      at(step, 1, 0, LENGTH),
      tolerance,
      `step ${k}, a row beside one that changed`,
    );
  });
}

async function selects(bench: Bench, tolerance: number): Promise<void> {
  const { lib, architecture, config, weights, ids, segments } = bench;
  const full = await logits(bench, ids);
  const positions = [3, LENGTH - 1];
  const picked = lib.tidy(() => {
    const params = toTfjs(lib, weights);
    const select = lib.tensor1d(positions, 'int32');
    const input = {
      ids: lib.tensor2d(ids, [ROWS, LENGTH], 'int32'),
      segments: lib.tensor2d(segments, [ROWS, LENGTH], 'int32'),
    };
    const pass = architecture.forward(config, params, input, { select });
    return Object.fromEntries(allLogits(pass).map((step, k) => [String(k), lib.clone(step)]));
  });
  Object.values(await toHost(picked)).forEach((step, k) => {
    const width = step.shape[2]!;
    positions.forEach((position, row) => {
      expectClose(
        step.data.subarray(row * width, (row + 1) * width),
        at(full[k]!, row, position, position + 1),
        tolerance,
        `step ${k}, selected position ${position}`,
      );
    });
  });
}

/** What the first steps of a pass give, whether the others follow or not. */
interface Unrolled {
  readonly features: HostTensor;
  readonly halting: readonly HostTensor[];
}

async function unroll(bench: Bench, options: ForwardOptions): Promise<Unrolled> {
  const { lib, architecture, config, weights, ids, segments } = bench;
  const { features, ...halting } = await toHost(
    lib.tidy(() => {
      const input = {
        ids: lib.tensor2d(ids, [ROWS, LENGTH], 'int32'),
        segments: lib.tensor2d(segments, [ROWS, LENGTH], 'int32'),
      };
      const pass = architecture.forward(config, toTfjs(lib, weights), input, options);
      const logits = pass.halting.map((l, k) => [`halting${k}`, lib.clone(l)] as const);
      return { features: lib.clone(pass.features), ...Object.fromEntries(logits) };
    }),
  );
  return { features: features!, halting: Object.values(halting) };
}

async function unrolls(bench: Bench, tolerance: number): Promise<void> {
  const full = await unroll(bench, {});
  const [all, ...rest] = full.features.shape;
  for (let steps = 1; steps <= all!; steps++) {
    const some = await unroll(bench, { steps });
    expectEqual([...some.features.shape], [steps, ...rest], `shape of the features of ${steps} steps`);
    const first = full.features.data.subarray(0, some.features.data.length);
    expectClose(some.features.data, first, tolerance, `features of the first ${steps} steps`);
    expectEqual(some.halting.length, Math.min(steps, full.halting.length), 'number of halting logits');
    some.halting.forEach((logits, k) =>
      expectClose(logits.data, full.halting[k]!.data, tolerance, `halting logits of step ${k}`),
    );
  }
}

interface Scores {
  readonly loss: number;
  readonly crossEntropy: number;
  readonly accuracy: number;
}

function batchOf(bench: Bench, targets: Int32Array): Batch {
  const { lib, ids, segments } = bench;
  const shaped = (values: Int32Array): Tensor2D => lib.tensor2d(values, [ROWS, LENGTH], 'int32');
  return { ids: shaped(ids), targets: shaped(targets), segments: shaped(segments) };
}

function scores(bench: Bench, targets = bench.targets): Scores {
  const { lib, architecture, config, weights } = bench;
  const number = (value: Scalar): number => value.dataSync()[0]!;
  const measured: Scores[] = [];
  lib.tidy(() => {
    const { loss, crossEntropy, accuracy } = objectiveOf(
      { architecture, config },
      toTfjs(lib, weights),
      batchOf(bench, targets),
    );
    measured.push({ loss: number(loss), crossEntropy: number(crossEntropy), accuracy: number(accuracy) });
  });
  return measured[0]!;
}

function startsUndecided(bench: Bench, tolerance: number): void {
  const { loss, crossEntropy, accuracy } = scores(bench);
  const uniform = Math.log(bench.architecture.vocabularySize(bench.config));
  expectFinite([loss], 'loss');
  expectThat(
    Math.abs(crossEntropy - uniform) <= tolerance,
    `untrained cross-entropy is ${crossEntropy}, ln V is ${uniform}`,
  );
  expectThat(accuracy >= 0 && accuracy <= 1, `accuracy is ${accuracy}`);
}

async function gradients(bench: Bench, mayRest: (tensor: string) => boolean): Promise<void> {
  const { lib, architecture, config, weights } = bench;
  const names = Object.keys(weights);
  const grads = lib.tidy(() => {
    const params = toTfjs(lib, weights);
    const loss = (...tensors: TensorMap[string][]): Scalar =>
      objectiveOf(
        { architecture, config },
        Object.fromEntries(names.map((name, i) => [name, tensors[i]!])),
        batchOf(bench, bench.targets),
      ).loss;
    const values = lib.grads(loss)(names.map((name) => params[name]!));
    return Object.fromEntries(names.map((name, i) => [name, values[i]!]));
  });
  const host = await toHost(grads);
  for (const name of names) {
    expectFinite(host[name]!.data, `gradient of ${name}`);
    expectEqual([...host[name]!.shape], [...weights[name]!.shape], `shape of the gradient of ${name}`);
    expectThat(
      mayRest(name) || host[name]!.data.some((value) => value !== 0),
      `${name} gets no gradient: it cannot learn`,
    );
  }
}

/** The peaks of `attentions` where they are asked for, else none; what the model says is the same. */
async function reportsPeaks(bench: Bench, tolerance: number): Promise<void> {
  const { lib, architecture, config, weights, ids, segments } = bench;
  const sites = architecture.attentions(config);
  const run = (options: ForwardOptions): Promise<TensorDict> =>
    toHost(
      lib.tidy(() => {
        const input = {
          ids: lib.tensor2d(ids, [ROWS, LENGTH], 'int32'),
          segments: lib.tensor2d(segments, [ROWS, LENGTH], 'int32'),
        };
        const { features, peaks } = architecture.forward(config, toTfjs(lib, weights), input, options);
        const found = peaks.map(({ query, key, peak }) => [`${query}/${key}`, lib.clone(peak)] as const);
        return { features: lib.clone(features), ...Object.fromEntries(found) };
      }),
    );
  const { features: plain, ...unasked } = await run({});
  const { features, ...asked } = await run({ peaks: true });
  expectEqual(Object.keys(unasked), [], 'attention peaks that nobody asked for');
  expectEqual(
    Object.keys(asked),
    sites.map(({ query, key }) => `${query}/${key}`),
    'attention peaks that were asked for',
  );
  Object.values(asked).forEach(({ shape, data }, i) => {
    expectEqual([...shape], [sites[i]!.heads], `shape of peak ${i}`);
    expectThat(
      data.every((value) => value >= 0 && value < Infinity),
      `peak ${i} is [${data.join(', ')}]`,
    );
  });
  expectClose(features!.data, plain!.data, tolerance, 'features of a pass that finds its attention peaks');
}

function describes(bench: Bench): void {
  const tensors = bench.architecture.describe(bench.config);
  const names = tensors.map(({ name }) => name);
  expectThat(new Set(names).size === names.length, 'two tensors have the same name');
  for (const { name, shape } of tensors) {
    expectThat(
      shape.every((side) => Number.isInteger(side) && side > 0),
      `${name} has shape [${shape.join(', ')}]`,
    );
  }
  expectThat(
    bench.architecture.contextLength(bench.config) >= LENGTH,
    `the conformance rows have ${LENGTH} tokens`,
  );
  for (const site of bench.architecture.attentions(bench.config)) {
    expectThat(
      names.includes(site.query) && names.includes(site.key),
      `attention ${site.query}/${site.key} names no tensors`,
    );
  }
}

/**
 * What every language model must do: see no future, keep documents apart, start undecided, learn everywhere, and, where
 * it has a decoder, say token by token what it says of whole rows.
 */
export function architectureConformance(
  subject: Subject<Architecture>,
  options: ArchitectureConformanceOptions,
): ConformanceCase[] {
  const { tolerance = 1e-5, startTolerance = 0.3, mayRest = () => false } = options;
  const bench = async (): Promise<Bench> => benchOf(await subject(), options);
  return casesOf(bench, {
    'describes every tensor once': describes,
    'sees no future token': (fresh) => causal(fresh, tolerance),
    'keeps documents and rows apart': (fresh) => isolated(fresh, tolerance),
    'gives the same logits for a selected position': (fresh) => selects(fresh, tolerance),
    'gives the same first steps when no more are unrolled': (fresh) => unrolls(fresh, tolerance),
    'finds attention peaks where it is asked to': (fresh) => reportsPeaks(fresh, tolerance),
    'starts at the entropy of a uniform guess': (fresh) => startsUndecided(fresh, startTolerance),
    'gives every tensor a finite gradient': (fresh) => gradients(fresh, mayRest),
    ...decoderChecks(LENGTH, tolerance),
  });
}
