import { PERSONA } from '../../../../core/contracts/persona.js';
import type { PhaseContext } from '../../../../core/contracts/phase.js';

/** Personas that a model is given where nothing is said. */
export const DEFAULT_PERSONAS = ['helpful', 'creative', 'precise', 'careful'] as const;

/** The nine specialised personas of the build plan. */
export const PLANNED_PERSONAS = [
  'reasoning',
  'memory',
  'math',
  'code',
  'translation',
  'summarization',
  'qa',
  'creative',
  'general',
] as const;

/** A prompt that can be baked into a model. */
export interface LibraryPrompt {
  /** Unique in the library; of a persona, its name. */
  readonly name: string;
  /** The phase it belongs to. */
  readonly phase: 'quietstar' | 'curriculum' | 'baking';
  /** One line; null: the persona of that name says it. */
  readonly text: string | null;
}

/** The thirteen predefined prompts: one to think, two to behave and use tools, nine personas and one for programming. */
export const PROMPT_LIBRARY: readonly LibraryPrompt[] = [
  { name: 'chain-of-thought', phase: 'quietstar', text: 'Think step by step before you answer.' },
  {
    name: 'values',
    phase: 'curriculum',
    text: 'Be honest, fair and kind, and say so when you do not know.',
  },
  {
    name: 'tool-use',
    phase: 'curriculum',
    text: 'Where a tool can answer, call it and keep to what it says.',
  },
  ...PLANNED_PERSONAS.map((name) => ({ name, phase: 'baking' as const, text: null })),
  {
    name: 'software-engineer',
    phase: 'baking',
    text: 'Work as a software engineer: run the code before you say what it does.',
  },
];

/**
 * What a model is given to read.
 * @throws ForgeError AF_PLUGIN_UNKNOWN when it is a persona's and no plugin provides that persona
 */
export function promptText({ name, text }: LibraryPrompt, ctx: Pick<PhaseContext, 'resolve'>): string {
  return text ?? ctx.resolve(PERSONA, name).texts.wordings[0]!;
}
