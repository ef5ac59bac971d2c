import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { Ajv } from 'ajv';
import { COMPRESSOR } from '../../../../core/contracts/compressor.js';
import type { Engine } from '../../../../core/contracts/engine.js';
import { loadHandoffSchema } from '../../../../core/contracts/handoff-schema.js';
import type { ModelConfig, ModelRef } from '../../../../core/contracts/model.js';
import type { PhaseContext, PhaseResult } from '../../../../core/contracts/phase.js';
import { normName } from '../../../../core/contracts/quantization.js';
import type { HostTensor, TensorDict } from '../../../../core/contracts/tensor.js';
import { Forwards } from '../../../../nn/evaluation/index.js';
import { answerLogits } from '../../../../nn/models/index.js';
import { hintsOf, PUBLISHED, ternary } from '../../../../nn/quantization/index.js';
import { specsOf } from '../../../../nn/training/index.js';
import { bitnet } from '../../../../plugins/index.js';
import { readPackedWeights } from '../../../../plugins/phases/shared/model/packed-weights.js';
import { shapeOf } from '../../../../plugins/phases/shared/model/shape.js';
import { scheduleOf } from '../../../../plugins/phases/shared/training/trainer.js';
import { openPacked } from '../../../../storage/packed/index.js';
import { handoffPhase, type TestKernel } from '../../../../testing/index.js';
import { tinyBitnet } from '../../../support/tiny-bitnet.js';
import { packedHash } from './packed-hash.js';
import { benchOf, completeOptions, looks } from './support.js';

const LENGTH = 24;

/** What is read of the facts of the handoff. */
interface Facts {
  readonly compression: {
    readonly bytes_before: number;
    readonly bytes_after: number;
    readonly ratio: number;
  };
  readonly misses: readonly { readonly gate: string }[];
  readonly quantization_metadata: {
    readonly layers: readonly { readonly name: string }[];
    readonly preserved_layers: readonly string[];
  };
}

/** Logits of a row. */
async function logitsOf(
  ctx: PhaseContext,
  engine: Engine,
  config: ModelConfig,
  weights: TensorDict,
): Promise<Float32Array> {
  const { architecture } = shapeOf(ctx, config, 'a test');
  const state = await engine.createState(weights);
  const subject = { architecture, config: config.hyperparameters, specs: specsOf(weights) };
  const program = await new Forwards(engine, subject, state).compile('logits', [1, LENGTH], (pass) => ({
    logits: answerLogits(pass),
  }));
  const inputs = {
    ids: Int32Array.from({ length: LENGTH }, (_, i) => 40 + 3 * i),
    segments: new Int32Array(LENGTH),
  };
  const { logits } = await new Forwards(engine, subject, state).run(program, inputs);
  await program.dispose();
  await state.dispose();
  return logits!.data as Float32Array;
}

/** Largest difference, as a share of the largest value. */
function difference(a: Float32Array, b: Float32Array): number {
  const most = (values: Iterable<number>): number => {
    let found = 0;
    for (const value of values) found = Math.max(found, Math.abs(value));
    return found;
  };
  return most(a.map((value, i) => value - b[i]!)) / most(a);
}

/** Do something while a bit in the middle of a file is another. */
async function withFlippedBit<T>(path: string, work: () => Promise<T>): Promise<T> {
  const before = await readFile(path);
  const damaged = Buffer.from(before);
  damaged[before.length >> 1]! ^= 1;
  await writeFile(path, damaged);
  try {
    return await work();
  } finally {
    await writeFile(path, before);
  }
}

const bits = ({ data }: HostTensor): number[] => Array.from(new Uint32Array(Float32Array.from(data).buffer));

describe('bitnet', () => {
  let bench: TestKernel;
  let result: PhaseResult;
  /** What is stored, as floats. */
  let latents: TensorDict;
  let twin: TensorDict;
  let packedBytes: Uint8Array;
  let packedPath: string;
  /** What the packed file gives, by the compressors that it names. */
  const packed: Record<string, HostTensor> = {};
  /** What the formats make of the latents now. */
  const again: Record<string, Uint8Array> = {};
  const logits: Record<string, Float32Array> = {};
  /** What reading says of a file of which one bit is another. */
  let trouble: unknown;

  beforeAll(async () => {
    const look = looks(async (ctx, handoff) => {
      const [latent, ternaryModel, half] = handoff!.models as [ModelRef, ModelRef, ModelRef];
      latents = await ctx.store.readTensors(latent.weights);
      twin = await ctx.store.readTensors(half.weights);
      packedBytes = await ctx.store.read(ternaryModel.weights);
      packedPath = ctx.store.path(ternaryModel.weights);
      trouble = await withFlippedBit(packedPath, () =>
        readPackedWeights(ctx, ternaryModel.weights).catch((error: unknown) => error),
      );
      const file = openPacked(packedBytes);
      const { tensors } = shapeOf(ctx, latent.config, 'a test');
      for (const tensor of tensors) {
        const { format } = file.tensors.get(tensor.name)!;
        const codec = ctx.resolve(COMPRESSOR, format.use, format.options);
        packed[tensor.name] = codec.decompress(file.read(tensor.name));
        again[tensor.name] = codec.compress(latents[tensor.name]!, hintsOf(tensor)).bytes;
      }
      const engine = await ctx.engine();
      const { quantization } = ternaryModel.config;
      const relabelled = {
        ...ternaryModel.config,
        quantization: { ...quantization!, weights: 'latent' as const },
      };
      logits['latent'] = await logitsOf(ctx, engine, latent.config, latents);
      logits['applied'] = await logitsOf(ctx, engine, ternaryModel.config, packed);
      logits['twin'] = await logitsOf(ctx, engine, half.config, twin);
      logits['applied as if latent'] = await logitsOf(ctx, engine, relabelled, packed);
    }, loadHandoffSchema('bitnet-to-curriculum'));
    bench = await benchOf([handoffPhase('quietstar-to-bitnet'), bitnet(tinyBitnet()), look]);
    const report = await bench.kernel.run();
    if (report.error !== null) throw report.error;
    result = report.phases.find(({ name }) => name === 'bitnet')!.result!;
  });
  afterAll(() => bench.dispose());

  const quantizationOf = (model: ModelRef) => model.config.quantization!;

  it('hands on what its schema asks for', () => {
    const validate = new Ajv({ allErrors: true }).compile(loadHandoffSchema('bitnet-to-curriculum'));
    validate(result.handoff);
    expect(validate.errors).toBeNull();
    const [codes, half, latent] = result.models;
    expect(result.handoff!.models).toEqual([latent, codes, half]);
  });

  it('gives latents, codes and half floats of one model', () => {
    expect(
      result.models.map(({ name, metadata, config }) => [
        name,
        metadata.format,
        config.quantization!.weights,
      ]),
    ).toEqual([
      ['ternary', 'ternary', 'applied'],
      ['ternary-fp16', 'fp16', 'applied'],
      ['ternary-latent', 'fp32', 'latent'],
    ]);
    const [codes, half, latent] = result.models.map(quantizationOf);
    expect({ ...codes, weights: 'latent' }).toEqual(latent);
    expect(half).toEqual(codes);
    expect(Object.keys(result.models[2]!.sidecars).sort()).toEqual(['layer_map', 'split', 'training_state']);
    expect(codes!.norms.length).toBeGreaterThan(0);
    expect(new Set(Object.values(codes!.formats).map(({ use }) => use))).toEqual(
      new Set(['ternary', 'int8']),
    );
  });

  it('the packed file has every tensor, each once compressed from the latents, to the byte', () => {
    const file = openPacked(packedBytes);
    expect([...file.tensors.keys()].sort()).toEqual(Object.keys(latents).sort());
    for (const [name, bytes] of Object.entries(again))
      expect([name, Buffer.from(file.read(name).bytes).equals(Buffer.from(bytes))]).toEqual([name, true]);
  });

  it('vectors are in the file to the bit, gains among them; recovery moved the gains', () => {
    const gains = quantizationOf(result.models[0]!).norms.map(normName);
    const vectors = Object.keys(latents).filter((name) => latents[name]!.shape.length === 1);
    expect(vectors).toEqual(expect.arrayContaining(gains));
    for (const name of vectors) expect([name, bits(packed[name]!)]).toEqual([name, bits(latents[name]!)]);
    expect(gains.some((name) => new Set(latents[name]!.data).size > 1)).toBe(true);
  });

  it('gains and scales are the same in a fresh process', () => {
    const script = `${__dirname}/packed-hash.ts`;
    const node = ['--import', `${process.cwd()}/test/support/run-typescript.mjs`, script, packedPath];
    const said = execFileSync(process.execPath, node, {
      env: { ...process.env, PACKED_HASH: 'main' },
      encoding: 'utf8',
    });
    expect(said).toMatch(/^[0-9a-f]{64}$/);
    expect(said).toBe(packedHash(packedBytes));
  });

  it('a bit of the stored file that is another is noticed', () => {
    expect(trouble).toMatchObject({ code: 'AF_ARTIFACT_CORRUPT' });
  });

  it('the half floats are those numbers to eleven bits', () => {
    expect(Object.keys(twin).sort()).toEqual(Object.keys(packed).sort());
    for (const [name, { data }] of Object.entries(packed))
      twin[name]!.data.forEach((half, i) => {
        // Below the smallest normal half float steps are 2^-24.
        expect(Math.abs(half - data[i]!)).toBeLessThanOrEqual(
          Math.max(2 ** -11 * Math.abs(data[i]!), 2 ** -25),
        );
      });
  });

  it('what was applied computes as the latents do', () => {
    // An input that lies between two steps of 1/127 may fall to the other side.
    expect(difference(logits['latent']!, logits['applied']!)).toBeLessThan(0.01);
    expect(difference(logits['latent']!, logits['twin']!)).toBeLessThan(0.02);
  });

  it('quantising the codes once more would give another scale, and other logits', () => {
    const [name] = Object.entries(quantizationOf(result.models[1]!).formats).find(
      ([, { use }]) => use === 'ternary',
    )!;
    const once = ternary(latents[name]!, PUBLISHED);
    const twice = ternary(packed[name]!, PUBLISHED);
    const kept = once.codes.filter((code) => code !== 0).length / once.codes.length;
    expect(kept).toBeLessThan(0.9);
    expect(twice.scales[0]! / once.scales[0]!).toBeCloseTo(kept, 5);
    expect(difference(logits['applied']!, logits['applied as if latent']!)).toBeGreaterThan(0.01);
  });

  it('passes every integrity gate', () => {
    const hard = result.gates.filter((gate) => gate.class === 'integrity');
    expect(hard.map(({ name, passed }) => [name, passed])).toEqual([
      ...['finite_weights', 'weights_stored', 'causality', 'packed_read_back', 'gradient_flow'].map(
        (name) => [name, true],
      ),
    ]);
  });

  it('says in the handoff what the file weighs and what missed its gate', () => {
    const facts = result.handoff!.facts as unknown as Facts;
    const { compression, misses, quantization_metadata: metadata } = facts;
    expect(compression.bytes_after).toBe(packedBytes.byteLength);
    expect(compression.ratio).toBe(compression.bytes_before / packedBytes.byteLength);
    expect(result.metrics['compression/compression_ratio']).toBe(compression.ratio);
    const missed = result.gates.filter(({ passed }) => passed === false).map(({ name }) => name);
    expect(misses.map(({ gate }) => gate)).toEqual(missed);
    expect(missed).toContain('compression');
    const { layers, preserved_layers: preserved } = metadata;
    expect([...layers.map(({ name }) => name), ...preserved].sort()).toEqual(Object.keys(latents).sort());
  });

  it('hands the thoughts and the data on', () => {
    const { handoff, models } = result;
    expect(Object.keys(handoff!.facts['thinking_tokens'] as object)).toHaveLength(8);
    expect(handoff!.data!.datasets.map(({ name }) => name)).toEqual(['tiny', 'worked']);
    for (const { metadata } of models) {
      expect(metadata.thoughts).toMatchObject({ length: 4, talk: 2, samples: 2 });
      expect(metadata.halting!.threshold).toBe(models[0]!.metadata.halting!.threshold);
    }
  });

  /** Values of a metric of the phase by update. */
  const byStep = (name: string): [number | undefined, unknown][] =>
    bench.events.flatMap((event) =>
      event.type === 'metric' && event.phase === 'bitnet' && event.name === name
        ? [[event.step, event.value]]
        : [],
    );

  it('trains in two stages, the second at two thirds of the rate', async () => {
    const rates = byStep('recovery/train/learning_rate');
    const schedule = scheduleOf((await completeOptions()).recovery.training, 6);
    const wanted = [1, 1, 1, 2 / 3, 2 / 3, 2 / 3].map((rate, i) => rate * schedule(i + 1));
    expect(rates.map(([step]) => step)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(wanted[0]).toBeGreaterThan(0);
    rates.forEach(([, rate], i) =>
      expect(Number(rate) / Number(rates[0]![1])).toBeCloseTo(wanted[i]! / wanted[0]!, 6),
    );
  });

  it('counts flips at every second update from the second count on, over both stages', () => {
    expect(byStep('recovery/flip_rate').map(([step]) => step)).toEqual([4, 6]);
  });

  it('tells how much is done, never less than before', () => {
    const fractions = bench.events.flatMap((event) =>
      event.type === 'progress' && event.phase === 'bitnet' ? (event.phaseFraction ?? []) : [],
    );
    expect(fractions.length).toBeGreaterThan(3);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  });

  it('says where the seconds went', () => {
    const parts = Object.keys(result.metrics).filter((name) => name.startsWith('seconds/'));
    expect(parts).toEqual(
      expect.arrayContaining(['seconds/calibration', 'seconds/recovery', 'seconds/packing']),
    );
    expect(result.tables!.at(-1)!.rows).toHaveLength(parts.length);
    for (const { columns, rows } of result.tables!)
      for (const row of rows) expect(row).toHaveLength(columns.length);
  });
});
