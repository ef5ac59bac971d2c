import { personaTag } from '../../core/contracts/persona.js';
import { THOUGHT_TAGS } from '../../core/contracts/thoughts.js';
import { TOOL, TOOL_TAGS, toolNameTag } from '../../core/contracts/tool.js';
import { answerWithTools, withBatchWriters } from '../../nn/generation/index.js';
import { stream } from '../../nn/random/index.js';
import { ToolRuntime } from '../../nn/tools/index.js';
import { openSplit } from '../../plugins/phases/shared/data/split.js';
import { generatorOptions } from '../../plugins/phases/shared/evaluation/sample.js';
import { growModel } from '../../plugins/phases/shared/model/grow.js';
import { openModel, openTokenizer } from '../../plugins/phases/shared/model/open.js';
import { workedData } from '../../plugins/phases/shared/thoughts/examples.js';
import { tinyHandoff } from '../../testing/index.js';
import { expectSameForms, formsOf, lossOf, runningOf, withHandoff } from './support/opened.js';

const NAME = 'curriculum-to-baking';
const TABLE = 'embedding.table';
const TOOLS = ['calculator', 'code-executor', 'database-query', 'file-reader', 'search'];

test('the codes of its packed file are those of its latents, and its twin has the same numbers', () =>
  withHandoff(NAME, expectSameForms));

test('its perplexity is that of the packed file as phases measure it, after that of its parent', () =>
  withHandoff(NAME, async (ctx, handoff) => {
    const { after, before } = handoff.facts['perplexity'] as { after: number; before: number };
    const loss = Math.log(after);
    expect(Math.abs((await lossOf(ctx, handoff)) - loss)).toBeLessThan(1e-3);
    expect(handoff.facts['final_loss']).toBeCloseTo(loss, 10);
    for (const { metadata } of handoff.models) expect(metadata.metrics['final_loss']).toBeCloseTo(loss, 10);
    const parent = await tinyHandoff('bitnet-to-curriculum', ctx.store, { seed: ctx.seed });
    expect(before).toBe((parent.facts['perplexity'] as { after: number }).after);
  }));

test('its tokenizer has the tags of thoughts, those of calls and the names of the five tools, as its facts say', () =>
  withHandoff(NAME, async (ctx, handoff) => {
    for (const ref of handoff.models) {
      const { tools, thoughts, vocab_size } = ref.metadata;
      const { tokenizer } = await openTokenizer(ctx, ref);
      const idOf = (tag: string): number => tokenizer.extended!.get(tag)!;
      expect(thoughts!.tags).toEqual(Object.fromEntries(THOUGHT_TAGS.map((tag) => [tag, idOf(tag)])));
      expect(tools!.tags).toEqual(Object.fromEntries(TOOL_TAGS.map((tag) => [tag, idOf(tag)])));
      expect(Object.keys(tools!.names)).toEqual(TOOLS);
      expect(tools!.names).toEqual(Object.fromEntries(TOOLS.map((name) => [name, idOf(toolNameTag(name))])));
      expect(vocab_size).toBeGreaterThanOrEqual(tokenizer.vocabularySize);
      expect((handoff.facts['tools'] as { facts: unknown }).facts).toEqual(tools);
    }
    expect(ctx.names(TOOL)).toEqual(expect.arrayContaining(TOOLS));
  }));

test('what its parent knew stays as it was, and every new token has a row of its own', () =>
  withHandoff(NAME, async (ctx, handoff) => {
    const [latent] = await formsOf(ctx, handoff);
    const { seed, sessionId: session, configHash } = ctx;
    const { models } = await tinyHandoff('bitnet-to-curriculum', ctx.store, { seed, session, configHash });
    const parent = await openModel(ctx, models[0]!);
    expect(latent.ref.metadata.parent_model_ids).toEqual([parent.ref.id]);
    for (const { name } of parent.tensors.filter((tensor) => tensor.name !== TABLE))
      expect([name, latent.weights[name]!.data]).toEqual([name, parent.weights[name]!.data]);
    const [table, old] = [latent.weights[TABLE]!, parent.weights[TABLE]!];
    const width = table.shape[1]!;
    const row = (id: number) => Array.from(table.data.slice(id * width, (id + 1) * width));
    const { tools } = latent.ref.metadata;
    const ids = [...Object.values(tools!.tags), ...Object.values(tools!.names)];
    const first = Math.min(...ids);
    expect(Array.from(table.data.slice(0, first * width))).toEqual(
      Array.from(old.data.slice(0, first * width)),
    );
    expect(new Set(ids.map((id) => row(id).join(' '))).size).toBe(TOOLS.length + TOOL_TAGS.length);
    for (const id of ids) expect(row(id).some((value) => value !== 0)).toBe(true);
  }));

test('it reads a manual and a question of every tool and may call', () =>
  withHandoff(NAME, async (ctx, handoff) => {
    const [latent] = await formsOf(ctx, handoff);
    const { tokenizer } = await openTokenizer(ctx, latent.ref);
    const { tools: facts } = latent.ref.metadata;
    const tools = new Map(TOOLS.map((name) => [name, ctx.resolve(TOOL, name)]));
    const prompts = [...tools.values()].map((tool) => {
      const { question } = tool.ask!(stream(1, 'forged'), 100, 'held-out');
      return tokenizer.encode(`${tool.manual.wordings[0]!}\nQuestion: ${question}\nAnswer:`);
    });
    expect(Math.max(...prompts.map(({ length }) => length))).toBeGreaterThan(64);
    const answers = await withBatchWriters(4, async (writers) =>
      answerWithTools(writers.of(await generatorOptions(ctx, runningOf(ctx, latent))), prompts, {
        ...{ facts: facts!, tokenizer, runtime: new ToolRuntime(tools), maxTokens: 8 },
      }),
    );
    for (const answer of answers) expect(answer!.ids.length).toBeGreaterThan(0);
  }));

test('it can be given tokens for personas, and has questions with worked thoughts on every side', () =>
  withHandoff(NAME, async (ctx, handoff) => {
    const [latent] = await formsOf(ctx, handoff);
    const own = await openTokenizer(ctx, latent.ref);
    const { ids } = growModel(ctx, latent, own, [personaTag('helpful'), personaTag('precise')]);
    const { tools } = latent.ref.metadata;
    for (const id of Object.values(ids)) expect(Object.values(tools!.names)).not.toContain(id);
    const { datasets } = handoff.facts['validation_set'] as { datasets: string[] };
    const { train, free, locked } = workedData(await openSplit(ctx, handoff), datasets);
    for (const side of [train, free, locked]) expect(side.length).toBeGreaterThan(10);
  }));
