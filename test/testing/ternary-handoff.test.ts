import { COMPRESSOR } from '../../core/contracts/compressor.js';
import type { PhaseContext } from '../../core/contracts/phase.js';
import type { HostTensor, TensorDict } from '../../core/contracts/tensor.js';
import { TOOL_TAGS } from '../../core/contracts/tool.js';
import { hintsOf } from '../../nn/quantization/index.js';
import { openSplit } from '../../plugins/phases/shared/data/split.js';
import { scoringData } from '../../plugins/phases/shared/evaluation/scoring.js';
import { withUntrained } from '../../plugins/phases/shared/evaluation/untrained.js';
import { growModel } from '../../plugins/phases/shared/model/grow.js';
import { openModel, openTokenizer, type OpenedModel } from '../../plugins/phases/shared/model/open.js';
import { latentModel } from '../../plugins/phases/shared/quantized/latent.js';
import { expanded, pack, running } from '../../plugins/phases/shared/quantized/pack.js';
import { workedData } from '../../plugins/phases/shared/thoughts/examples.js';
import type { Handoff } from '../../core/contracts/handoff.js';
import { handoffPhase } from '../../testing/index.js';
import { benchOf, completeOptions, looks } from '../plugins/phases/bitnet/support.js';

/** Work with the handoff as a phase that is given it. */
async function withTernary(use: (ctx: PhaseContext, handoff: Handoff) => Promise<void>): Promise<void> {
  let asked = false;
  const phase = looks(async (ctx, handoff) => {
    await use(ctx, handoff!);
    asked = true;
  }, {});
  const bench = await benchOf([handoffPhase('bitnet-to-curriculum'), phase]);
  try {
    const { error } = await bench.kernel.run();
    if (error !== null) throw error;
  } finally {
    await bench.dispose();
  }
  expect(asked).toBe(true);
}

/** Largest difference, as a share of the largest value. */
function difference(a: HostTensor, b: HostTensor): number {
  let [most, apart] = [0, 0];
  a.data.forEach((value, i) => {
    most = Math.max(most, Math.abs(value));
    apart = Math.max(apart, Math.abs(value - b.data[i]!));
  });
  return most === 0 ? apart : apart / most;
}

/** Latents as their formats have them. */
function quantised(ctx: PhaseContext, { weights, tensors, config }: OpenedModel): TensorDict {
  return Object.fromEntries(
    tensors.map((tensor) => {
      const latent = weights[tensor.name]!;
      const format = config.quantization!.formats[tensor.name];
      if (format === undefined) return [tensor.name, latent];
      const codec = ctx.resolve(COMPRESSOR, format.use, format.options);
      return [tensor.name, codec.decompress(codec.compress(latent, hintsOf(tensor)))];
    }),
  );
}

const opened = async (ctx: PhaseContext, { models }: Handoff): Promise<OpenedModel[]> => {
  const all: OpenedModel[] = [];
  for (const model of models) all.push(await openModel(ctx, model));
  return all;
};

test('the codes of its packed file are those of its latents, and its twin has the same numbers', () =>
  withTernary(async (ctx, handoff) => {
    const [latent, packed, twin] = (await opened(ctx, handoff)) as [OpenedModel, OpenedModel, OpenedModel];
    const codes = quantised(ctx, latent);
    const formats = Object.values(latent.config.quantization!.formats).map(({ use }) => use);
    expect(formats.filter((use) => use === 'ternary').length).toBeGreaterThan(4);
    expect(new Set(formats)).toEqual(new Set(['ternary', 'int8']));
    for (const { name } of latent.tensors) {
      const inCodes = latent.config.quantization!.formats[name] !== undefined;
      // What has no format is half floats in the file.
      const most = inCodes ? 0 : 1e-3;
      expect([name, difference(codes[name]!, packed.weights[name]!) <= most]).toEqual([name, true]);
      expect(difference(packed.weights[name]!, twin.weights[name]!)).toBeLessThan(1e-3);
    }
    // Packing the latents again gives the file.
    const again = pack({ ctx }, { ...latent, quantization: latent.config.quantization! });
    expect(Buffer.from(again.bytes).equals(await ctx.store.read(handoff.models[1]!.weights))).toBe(true);
  }));

test('its perplexity is that of the packed file as phases measure it', () =>
  withTernary(async (ctx, handoff) => {
    const [latent] = (await opened(ctx, handoff)) as [OpenedModel];
    const { evaluation, recovery } = await completeOptions({
      evaluation: { selection: 131_072, holdout: 131_072 },
    });
    const { tokenizer } = await openTokenizer(ctx, latent.ref);
    const lists = { ...evaluation, rows: 4, length: 32, datasets: null, balance: false };
    const text = scoringData(await openSplit(ctx, handoff), tokenizer, lists, 'test');
    expect(text.warnings).toEqual([]);
    const model = { ...latent, quantization: latent.config.quantization! };
    const packed = pack({ ctx }, model);
    const live = running({ ctx }, expanded({ ctx }, model, packed), packed);
    const training = { ...recovery.training, rows: 4, length: 32, earlyStop: null };
    const measuring = { ...recovery, ctx, engine: await ctx.engine(), training };
    const { crossEntropy } = await withUntrained(measuring, live, (trainer) =>
      trainer.evaluate('param', text.holdout.batches),
    );
    const { after, before } = handoff.facts['perplexity'] as { after: number; before: number };
    expect(Math.abs(crossEntropy - Math.log(after))).toBeLessThan(1e-3);
    expect(after).not.toBe(before);
    expect(handoff.models[1]!.metadata.metrics['final_loss']).toBeCloseTo(Math.log(after), 10);
  }));

test('it can be given tokens for tools, and has questions with worked thoughts on every side', () =>
  withTernary(async (ctx, handoff) => {
    const [latent] = (await opened(ctx, handoff)) as [OpenedModel];
    const own = await openTokenizer(ctx, latent.ref);
    const { model, ids } = growModel(ctx, latent, own, [...TOOL_TAGS, '<|calculator|>']);
    expect(new Set(Object.values(ids)).size).toBe(6);
    const { thoughts } = latent.ref.metadata;
    for (const id of Object.values(ids)) expect(Object.values(thoughts!.tags)).not.toContain(id);
    const start = latentModel(ctx, model, latent.config.quantization!, model.weights);
    expect(pack({ ctx }, start).quantization.weights).toBe('applied');
    const { datasets } = handoff.facts['validation_set'] as { datasets: string[] };
    const worked = workedData(await openSplit(ctx, handoff), datasets);
    expect(worked.locked.length).toBeGreaterThan(10);
  }));
