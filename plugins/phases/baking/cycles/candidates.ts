import { TOOL, toolNameTag } from '../../../../core/contracts/tool.js';
import {
  offspring,
  seedBank,
  validCandidates,
  type Prompt,
  type PromptBank,
} from '../../../../nn/cycles/index.js';
import { stream } from '../../../../nn/random/index.js';
import { writableIds } from '../../../../nn/generation/index.js';
import { generatorOptions } from '../../shared/evaluation/sample.js';
import type { LiveModel } from '../../shared/model/open.js';
import { isReadable } from '../fit.js';
import { randomOf, type BakingRun } from '../prepare.js';

/** Texts of each tool or persona that a bank begins with. */
const SEEDS = 3;

/** Manuals of every tool: what prompts about tools are made of. */
export function toolBanks(run: BakingRun): Record<string, PromptBank> {
  return Object.fromEntries(
    run.toolNames.map((tool) => [
      tool,
      seedBank(run.ctx.resolve(TOOL, tool).manual.wordings.slice(0, SEEDS)),
    ]),
  );
}

/** Texts of personas: what the model's descriptions of itself are filled up with. */
export function personaBank(run: BakingRun): PromptBank | null {
  const texts = [...run.personas.values()].flatMap(({ texts: { wordings } }) => wordings.slice(0, 1));
  return texts.length === 0 ? null : seedBank(texts);
}

/** Words that texts are varied with. */
const FRAGMENTS = [
  'always',
  'first',
  'carefully',
  'in short',
  'then answer',
  'step by step',
  'when it helps',
];

/**
 * Prompts about a tool whose calls fail: the best of its bank that are measured, and new ones made of them.
 * @param name of the cycle, for the random numbers
 */
export function toolCandidates(run: BakingRun, bank: PromptBank, tool: string, name: string): Prompt[] {
  const { candidates: count } = run.options.cycles;
  const known = bank.prompts
    .filter(({ effect, text }) => effect === null && isReadable(run, text))
    .slice(0, Math.ceil(count / 2));
  const fresh = offspring(bank, randomOf(run, 'prompts', name), { count, fragments: FRAGMENTS }).filter(
    ({ text }) =>
      // A prompt about a tool that does not name it is about nothing.
      text.includes(toolNameTag(tool)) && isReadable(run, text),
  );
  return [...known, ...fresh].slice(0, count);
}

/** Candidates of a cycle of personas. */
export interface SelfDescriptions {
  readonly prompts: readonly Prompt[];
  /** Share of them that the model wrote. */
  readonly selfWritten: number;
}

/** What the model is asked for. */
const ASKED = 'Question: How do you answer?\nAnswer:';
/** Descriptions that are written for each that is wanted: most are none. */
const WRITTEN_PER_CANDIDATE = 2;
const DESCRIPTION_TOKENS = 24;

/**
 * What the model writes of itself, where it can be tried as a prompt; filled up from the bank where it cannot. A model that
 * was never taught to speak of itself writes answers to questions, and says so by the share.
 */
export async function selfDescriptions(
  run: BakingRun,
  model: LiveModel,
  bank: PromptBank,
  name: string,
): Promise<SelfDescriptions> {
  const { candidates: count } = run.options.cycles;
  const written = await described(run, model, count * WRITTEN_PER_CANDIDATE, name);
  const existing = bank.prompts.map(({ text }) => text);
  const own = validCandidates(written, { existing, marks: ['####', '<|', '<think>'] })
    .filter((text) => isReadable(run, text))
    .slice(0, count);
  const fillers = offspring(bank, randomOf(run, 'prompts', name), {
    count,
    fragments: FRAGMENTS,
    tried: own,
  });
  const fresh = bank.prompts.filter(({ effect }) => effect === null);
  const others = [...fillers, ...fresh].filter(({ text }) => isReadable(run, text));
  const prompts = [
    ...own.map((text): Prompt => ({ text, origin: 'own', parents: [] })),
    ...others.slice(0, count - own.length),
  ];
  return { prompts, selfWritten: prompts.length === 0 ? 0 : own.length / prompts.length };
}

async function described(run: BakingRun, model: LiveModel, count: number, name: string): Promise<string[]> {
  const { tokenizer } = run.language;
  const { bos, eos: stop } = tokenizer.special;
  const prompt = [...(bos === null ? [] : [bos]), ...tokenizer.encode(ASKED)];
  const writer = run.writers.of(await generatorOptions(run.ctx, model));
  const texts = await writer.sample(
    Array.from({ length: count }, () => prompt),
    {
      ...writableIds(tokenizer),
      ...{
        maxTokens: DESCRIPTION_TOKENS,
        stop,
        temperature: run.options.cycles.temperature,
        topK: null,
        topP: null,
      },
    },
    (index) => stream(run.ctx.seed, 'baking', 'self', name, String(index)),
  );
  return texts.map((ids) => (ids === null ? '' : tokenizer.decode(ids)));
}
