import { TOOL_TAGS } from '../../core/contracts/tool.js';
import { openSplit } from '../../plugins/phases/shared/data/split.js';
import { growModel } from '../../plugins/phases/shared/model/grow.js';
import { openTokenizer } from '../../plugins/phases/shared/model/open.js';
import { latentModel } from '../../plugins/phases/shared/quantized/latent.js';
import { pack } from '../../plugins/phases/shared/quantized/pack.js';
import { workedData } from '../../plugins/phases/shared/thoughts/examples.js';
import { expectSameForms, formsOf, lossOf, withHandoff } from './support/opened.js';

const NAME = 'bitnet-to-curriculum';

test('the codes of its packed file are those of its latents, and its twin has the same numbers', () =>
  withHandoff(NAME, async (ctx, handoff) => {
    const [latent] = await formsOf(ctx, handoff);
    const formats = Object.values(latent.config.quantization!.formats).map(({ use }) => use);
    expect(formats.filter((use) => use === 'ternary').length).toBeGreaterThan(4);
    expect(new Set(formats)).toEqual(new Set(['ternary', 'int8']));
    await expectSameForms(ctx, handoff);
  }));

test('its perplexity is that of the packed file as phases measure it', () =>
  withHandoff(NAME, async (ctx, handoff) => {
    const { after, before } = handoff.facts['perplexity'] as { after: number; before: number };
    expect(Math.abs((await lossOf(ctx, handoff)) - Math.log(after))).toBeLessThan(1e-3);
    expect(after).not.toBe(before);
    expect(handoff.models[1]!.metadata.metrics['final_loss']).toBeCloseTo(Math.log(after), 10);
  }));

test('it can be given tokens for tools, and has questions with worked thoughts on every side', () =>
  withHandoff(NAME, async (ctx, handoff) => {
    const [latent] = await formsOf(ctx, handoff);
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
