import type { TensorDescription } from '../../core/contracts/architecture.js';
import type { Optimizer } from '../../core/contracts/optimizer.js';
import type { HostTensor, TensorDict, TensorSpecs } from '../../core/contracts/tensor.js';
import { stream } from '../../nn/random/index.js';
import { cpuTfjs, toHost, toTfjs, type Tfjs } from '../cpu-tfjs.js';
import { casesOf, type ConformanceCase, type Subject } from '../case.js';
import { expectClose, expectEqual, expectFinite, expectThat } from '../expect.js';

export interface OptimizerConformanceOptions {
  /** Updates given to the quadratic. Default 100. */
  readonly steps?: number;
  /** The loss must fall below this share of where it began. Default 0.99: rates meant for pretraining are small. */
  readonly ratio?: number;
}

const INIT = { kind: 'normal', std: 0.02 } as const;

/** One tensor of each kind that optimizers treat differently. */
const TENSORS: readonly TensorDescription[] = [
  { name: 'embedding', shape: [12, 6], role: 'embedding', init: INIT },
  { name: 'query', shape: [6, 6], role: 'attention-query', layer: 0, init: INIT },
  { name: 'up', shape: [6, 10], role: 'ffn-up', layer: 0, init: INIT },
  { name: 'down', shape: [10, 6], role: 'ffn-down', layer: 0, init: INIT },
  { name: 'norm', shape: [6], role: 'norm', layer: 0, init: INIT },
  { name: 'bias', shape: [1], role: 'bias', init: INIT },
];

interface Update {
  readonly step: number;
  readonly scale?: number;
}

function start(): TensorDict {
  return Object.fromEntries(
    TENSORS.map(({ name, shape }) => {
      const numbers = stream(7, 'optimizer-conformance', name);
      const length = shape.reduce((product, side) => product * side, 1);
      return [
        name,
        {
          shape,
          dtype: 'float32',
          data: Float32Array.from({ length }, () => numbers.normal()),
        } satisfies HostTensor,
      ];
    }),
  );
}

function zeroState(specs: TensorSpecs): TensorDict {
  return Object.fromEntries(
    Object.entries(specs).map(([name, { shape, dtype }]) => {
      const length = shape.reduce((product, side) => product * side, 1);
      const data =
        dtype === 'float32'
          ? new Float32Array(length)
          : dtype === 'int32'
            ? new Int32Array(length)
            : new Uint8Array(length);
      return [name, { shape, dtype, data }];
    }),
  );
}

/** Gradient of 1/2 sum(w^2): the weights themselves. */
const quadratic = (params: TensorDict): TensorDict => params;
const nothing = (params: TensorDict): TensorDict =>
  Object.fromEntries(
    Object.entries(params).map(([name, t]) => [name, { ...t, data: new Float32Array(t.data.length) }]),
  );

function loss(params: TensorDict): number {
  let sum = 0;
  for (const { data } of Object.values(params)) for (const value of data) sum += 0.5 * value * value;
  return sum;
}

interface Point {
  readonly params: TensorDict;
  readonly state: TensorDict;
  readonly metrics: TensorDict;
}

/** One update, computed eagerly by tfjs. */
async function updateOnce(
  lib: Tfjs,
  optimizer: Optimizer,
  at: Point,
  grads: TensorDict,
  update: Update,
): Promise<Point> {
  const result = lib.tidy(() => {
    const output = optimizer.update({
      tensors: TENSORS,
      params: toTfjs(lib, at.params),
      grads: toTfjs(lib, grads),
      state: toTfjs(lib, at.state),
      step: lib.scalar(update.step),
      learningRateScale: lib.scalar(update.scale ?? 1),
      peaks: [],
    });
    return { params: output.params, state: output.state, metrics: { ...output.metrics } };
  });
  return {
    params: await toHost(result.params),
    state: await toHost(result.state),
    metrics: await toHost(result.metrics),
  };
}

async function descend(optimizer: Optimizer, steps: number): Promise<Point[]> {
  const lib = await cpuTfjs();
  let at: Point = { params: start(), state: zeroState(optimizer.state(TENSORS)), metrics: {} };
  const points = [at];
  for (let step = 1; step <= steps; step++) {
    at = await updateOnce(lib, optimizer, at, quadratic(at.params), { step });
    points.push(at);
  }
  return points;
}

function sameShapes(found: TensorDict, expected: TensorSpecs, what: string): void {
  const specs = (tensors: TensorSpecs): unknown =>
    Object.entries(tensors)
      .map(([name, { shape, dtype }]) => [name, [...shape], dtype] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1));
  expectEqual(specs(found), specs(expected), what);
}

function allFinite(tensors: TensorDict, what: string): void {
  for (const [name, { data }] of Object.entries(tensors)) expectFinite(data, `${what} ${name}`);
}

/** What every optimizer must do: go downhill, the same way every time, and stand still when told to. */
export function optimizerConformance(
  subject: Subject<Optimizer>,
  options: OptimizerConformanceOptions = {},
): ConformanceCase[] {
  const { steps = 100, ratio = 0.99 } = options;
  return casesOf(subject, {
    'reduces a quadratic': async (optimizer) => {
      const points = await descend(optimizer, steps);
      const [first, last] = [loss(points[0]!.params), loss(points[steps]!.params)];
      expectThat(last < ratio * first, `${steps} updates took the loss from ${first} to ${last}`);
    },
    'gives the same bits every time': async (optimizer) => {
      const first = await descend(optimizer, 3);
      const second = await descend(await subject(), 3);
      for (const { name } of TENSORS)
        expectClose(second[3]!.params[name]!.data, first[3]!.params[name]!.data, 0, name);
    },
    'keeps names, shapes and types of parameters and state': async (optimizer) => {
      const end = (await descend(optimizer, 1))[1]!;
      sameShapes(end.params, start(), 'parameters');
      sameShapes(end.state, zeroState(optimizer.state(TENSORS)), 'state');
      allFinite(end.metrics, 'metric');
    },
    'stands still at learning rate 0': async (optimizer) => {
      const lib = await cpuTfjs();
      const at: Point = { params: start(), state: zeroState(optimizer.state(TENSORS)), metrics: {} };
      const end = await updateOnce(lib, optimizer, at, quadratic(at.params), { step: 1, scale: 0 });
      for (const { name } of TENSORS) expectClose(end.params[name]!.data, at.params[name]!.data, 1e-6, name);
    },
    'survives gradients that are all zero': async (optimizer) => {
      const lib = await cpuTfjs();
      const at: Point = { params: start(), state: zeroState(optimizer.state(TENSORS)), metrics: {} };
      const end = await updateOnce(lib, optimizer, at, nothing(at.params), { step: 1 });
      allFinite(end.params, 'parameter');
      allFinite(end.state, 'state');
    },
    'names its base learning rate': ({ learningRate }) => {
      expectThat(Number.isFinite(learningRate) && learningRate > 0, `learningRate is ${learningRate}`);
    },
  });
}
