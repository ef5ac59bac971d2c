import { COMPRESSOR } from '../../../core/contracts/compressor.js';
import type { Handoff } from '../../../core/contracts/handoff.js';
import type { PhaseContext } from '../../../core/contracts/phase.js';
import type { HostTensor, TensorDict } from '../../../core/contracts/tensor.js';
import { hintsOf } from '../../../nn/quantization/index.js';
import { openSplit } from '../../../plugins/phases/shared/data/split.js';
import { scoringData } from '../../../plugins/phases/shared/evaluation/scoring.js';
import { withUntrained } from '../../../plugins/phases/shared/evaluation/untrained.js';
import { openModel, openTokenizer, type OpenedModel } from '../../../plugins/phases/shared/model/open.js';
import { expanded, pack, running } from '../../../plugins/phases/shared/quantized/pack.js';
import { handoffPhase, type HandoffName } from '../../../testing/index.js';
import { benchOf, completeOptions, looks } from '../../plugins/phases/bitnet/support.js';

/** Latents, packed form, half floats. */
export type Forms = readonly [latent: OpenedModel, packed: OpenedModel, twin: OpenedModel];

/** Work with the fixture of a handoff as a phase that is given it. */
export async function withHandoff(
  name: HandoffName,
  use: (ctx: PhaseContext, handoff: Handoff) => Promise<void>,
): Promise<void> {
  let asked = false;
  const phase = looks(async (ctx, handoff) => {
    await use(ctx, handoff!);
    asked = true;
  }, {});
  const bench = await benchOf([handoffPhase(name), phase]);
  try {
    const { error } = await bench.kernel.run();
    if (error !== null) throw error;
  } finally {
    await bench.dispose();
  }
  expect(asked).toBe(true);
}

export async function formsOf(ctx: PhaseContext, { models }: Handoff): Promise<Forms> {
  const [latent, packed, twin] = models;
  return [await openModel(ctx, latent!), await openModel(ctx, packed!), await openModel(ctx, twin!)];
}

/** The latents as the packed form that runs. */
export function runningOf(ctx: PhaseContext, latent: OpenedModel) {
  const model = { ...latent, quantization: latent.config.quantization! };
  const packed = pack({ ctx }, model);
  return running({ ctx }, expanded({ ctx }, model, packed), packed);
}

/** The codes of the packed file are those of its latents, its twin has the same numbers, and packing again gives the file. */
export async function expectSameForms(ctx: PhaseContext, handoff: Handoff): Promise<void> {
  const [latent, packed, twin] = await formsOf(ctx, handoff);
  const { formats } = latent.config.quantization!;
  const codes = quantised(ctx, latent);
  for (const { name } of latent.tensors) {
    // What has no format is half floats in the file.
    const most = formats[name] === undefined ? 1e-3 : 0;
    expect([name, difference(codes[name]!, packed.weights[name]!) <= most]).toEqual([name, true]);
    expect(difference(packed.weights[name]!, twin.weights[name]!)).toBeLessThan(1e-3);
  }
  const again = pack({ ctx }, { ...latent, quantization: latent.config.quantization! });
  expect(Buffer.from(again.bytes).equals(await ctx.store.read(handoff.models[1]!.weights))).toBe(true);
}

/** Loss of locked text of the packed form as phases measure it, nats. */
export async function lossOf(ctx: PhaseContext, handoff: Handoff): Promise<number> {
  const [latent] = await formsOf(ctx, handoff);
  const { evaluation, recovery } = await completeOptions({
    evaluation: { selection: 131_072, holdout: 131_072 },
  });
  const { tokenizer } = await openTokenizer(ctx, latent.ref);
  const lists = { ...evaluation, rows: 4, length: 32, datasets: null, balance: false };
  const text = scoringData(await openSplit(ctx, handoff), tokenizer, lists, 'test');
  expect(text.warnings).toEqual([]);
  const training = { ...recovery.training, rows: 4, length: 32, earlyStop: null };
  const measuring = { ...recovery, ctx, engine: await ctx.engine(), training };
  const { crossEntropy } = await withUntrained(measuring, runningOf(ctx, latent), (trainer) =>
    trainer.evaluate('param', text.holdout.batches),
  );
  return crossEntropy;
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
