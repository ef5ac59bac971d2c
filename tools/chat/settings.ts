import { problemsError } from '../../core/errors/index.js';
import type { Tokenizer } from '../../core/contracts/tokenizer.js';
import type { TextOptions } from '../../nn/generation/index.js';
import { callingFor, type Tools } from '../generate/calls.js';
import type { GenerateOptions } from '../generate/model.js';
import type { ModelSource } from '../generate/model-source.js';
import { personaFor } from '../generate/personas.js';
import { textOptions } from '../generate/text-options.js';
import { thinkingFor } from '../generate/thoughts.js';
import type { ChatOptions, ChatSettings } from './conversation.js';
import { isBare, type Front, type Spelling } from './spelling/spelling.js';

/** What is known of a model before anything is asked. */
export interface Partner {
  readonly source: Pick<ModelSource, 'name' | 'id' | 'at' | 'metadata' | 'folder'>;
  readonly tokenizer: Tokenizer;
  readonly contextLength: number;
  /** Tools that it may call. */
  readonly provided: Tools;
}

/** Settings, and what they come to. */
export interface Manner {
  readonly settings: ChatSettings;
  readonly spelling: Spelling;
  readonly front: Front;
  /** What is asked of the model for each answer. */
  readonly writing: GenerateOptions;
}

/** A short answer to a question is the likeliest one; a text or a talk that is always the likeliest goes in circles. */
const OF_QUESTIONS: Pick<TextOptions, 'temperature'> = { temperature: 0 };
const MOST_TOKENS = 256;
/** The most of the context that manuals take unasked. */
const SHARE_OF_MANUALS = 1 / 2;

/** @throws ForgeError AF_GENERATE_OPTIONS, AF_MODEL_TOKENIZER, AF_PLUGIN_UNKNOWN, AF_CHAT_TEMPLATE */
export async function mannerOf(
  partner: Partner,
  asked: ChatOptions,
  spellingOf: (template: ChatOptions['template']) => Promise<Spelling>,
): Promise<Manner> {
  const { persona, system, tools, thoughts, turns: most, template, ...given } = asked;
  const own = ownOptions({ system, thoughts, turns: most, template });
  const spelling = await spellingOf(own.template);
  const turns = own.turns === undefined ? turnsFor(partner, spelling) : own.turns;
  const { DEFAULT_TEXT_OPTIONS } = await import('../../nn/generation/index.js');
  const defaults = {
    ...DEFAULT_TEXT_OPTIONS,
    maxTokens: MOST_TOKENS,
    ...(spelling.kind === 'question' && OF_QUESTIONS),
  };
  const sampling = textOptions('', defaults, given);
  const { source, tokenizer } = partner;
  const line = personaFor(source, tokenizer, persona ?? undefined);
  const calls = await callsOf(partner, tools);
  const thinks = own.thoughts ?? (source.metadata?.thoughts ?? null) !== null;
  const { names: manuals, may, manuals: lines } = calls;
  const front: Front = { persona: line, system: own.system, manuals: lines };
  const thinking = thinks && { atStart: may || !isBare(front) ? ('chosen' as const) : true };
  await thinkingFor(source, tokenizer, thinking);
  return {
    ...{ spelling, front },
    writing: { ...sampling, thoughts: thinking, tools: may },
    settings: {
      ...sampling,
      ...{ spelling: spelling.kind, persona: persona ?? null, system: own.system },
      ...{ tools: may, manuals, thoughts: thinks, turns },
    },
  };
}

interface CallsOf {
  readonly may: boolean;
  /** Tools with a manual in front, and these manuals. */
  readonly names: readonly string[];
  readonly manuals: readonly string[];
}

async function callsOf(
  { source, tokenizer, provided, contextLength }: Partner,
  asked: ChatOptions['tools'],
): Promise<CallsOf> {
  const known = toolsOf(source);
  const wanted = asked ?? (known.length > 0 ? { manuals: promptedTools(source) } : false);
  const calls = await callingFor(source, tokenizer, provided, wanted);
  if (calls === undefined) return { may: false, names: [], manuals: [] };
  const { manuals } = calls;
  const tokens = tokenizer.encode(manuals.join(''), { specials: true }).length;
  if (asked === undefined && tokens > contextLength * SHARE_OF_MANUALS)
    return { may: true, names: [], manuals: [] };
  const named = typeof wanted === 'object' ? wanted.manuals : [];
  return { may: true, names: named === 'all' ? known : named, manuals };
}

/** Names of the tools that it calls behind their manuals alone. */
function promptedTools({ metadata }: Pick<ModelSource, 'metadata'>): readonly string[] {
  const { names = {}, unprompted = [] } = metadata?.tools ?? {};
  return Object.keys(names).filter((name) => !unprompted.includes(name));
}

/**
 * How many earlier turns a model reads unasked: one that learnt single questions alone answers worse behind others. Those
 * that were given personas learnt conversations with them, of as many turns as their record says.
 */
function turnsFor({ source }: Partner, { kind }: Spelling): number | null {
  if (kind !== 'question') return null;
  const personas = source.metadata?.personas ?? null;
  return personas === null ? 0 : (personas.turns ?? null);
}

/** Names of the tools that a model was taught to call. */
export function toolsOf({ metadata }: Pick<ModelSource, 'metadata'>): readonly string[] {
  return Object.keys(metadata?.tools?.names ?? {});
}

interface OwnOptions {
  readonly system: string | null;
  readonly thoughts: boolean | undefined;
  readonly turns: number | null | undefined;
  readonly template: ChatOptions['template'];
}

/** Options of conversations alone, checked. A system text of spaces is none. */
function ownOptions({ system, thoughts, turns, template }: ChatOptions): OwnOptions {
  const rules: readonly (readonly [string, unknown, boolean, string])[] = [
    [
      'system',
      system,
      system === undefined || system === null || typeof system === 'string',
      'a text, or null',
    ],
    ['thoughts', thoughts, thoughts === undefined || typeof thoughts === 'boolean', 'true or false'],
    [
      'turns',
      turns,
      turns === undefined || turns === null || (Number.isSafeInteger(turns) && turns >= 0),
      'a whole number of at least 0, or null for as many as fit',
    ],
    [
      'template',
      template,
      template === undefined || ['auto', 'question', 'plain'].includes(template),
      'auto, question or plain',
    ],
  ];
  const problems = rules.flatMap(([at, value, fits, expected]) =>
    fits ? [] : [{ at, message: 'cannot be used', expected, found: JSON.stringify(value) }],
  );
  if (problems.length > 0)
    throw problemsError(
      'AF_GENERATE_OPTIONS',
      'The conversation',
      problems,
      'Mend the options; nothing was asked.',
    );
  const text = system ?? '';
  return { system: text.trim() === '' ? null : text, thoughts, turns, template };
}
