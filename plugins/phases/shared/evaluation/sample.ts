import type { RecordContext, ResolveContext } from '../../../../core/contracts/phase.js';
import type { Tokenizer } from '../../../../core/contracts/tokenizer.js';
import { completeText, Generator, type GeneratorOptions } from '../../../../nn/generation/index.js';
import type { LiveModel } from '../model/open.js';
import type { SampleOptions } from '../options.js';

/** A text that a model wrote. JSON. */
export interface Sample {
  readonly prompt: string;
  readonly text: string;
}

/** What generation takes of a model. */
export async function generatorOptions(
  ctx: Pick<ResolveContext, 'engine'>,
  { architecture, config, weights, halt }: LiveModel,
): Promise<GeneratorOptions> {
  const engine = await ctx.engine();
  return {
    engine,
    architecture,
    config: config.hyperparameters,
    weights,
    ...(halt === undefined ? {} : { halt }),
  };
}

/** Let a model write a text and tell the sinks. @param name of the model, for people */
export async function sampleText(
  ctx: Pick<ResolveContext, 'engine' | 'seed'> & Pick<RecordContext, 'event'>,
  name: string,
  { model, tokenizer }: { readonly model: LiveModel; readonly tokenizer: Tokenizer },
  { prompt, maxTokens, temperature }: SampleOptions,
): Promise<Sample> {
  const generator = await Generator.create(await generatorOptions(ctx, model));
  try {
    const sampling = { temperature, topK: 50, topP: 0.95, maxTokens, seed: ctx.seed };
    const sample = { prompt, text: await completeText(generator, tokenizer, prompt, sampling) };
    ctx.event('sample', { model: name, ...sample });
    return sample;
  } finally {
    await generator.dispose();
  }
}
