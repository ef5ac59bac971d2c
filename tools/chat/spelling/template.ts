import type { Template } from '@huggingface/jinja';
import type { Tokenizer } from '../../../core/contracts/tokenizer.js';
import { ForgeError } from '../../../core/errors/index.js';
import { messageOf } from '../../../core/errors/message-of.js';
import type { Exchange, Front, Spelling } from './spelling.js';
import type { ChatTemplate } from './template-file.js';
import { MARK, TypedText } from './typed.js';

/**
 * As the chat template of a model says. What the template writes may be special tokens, what was typed may not; lines with
 * the token of a persona and manuals begin the system text.
 *
 * @throws ForgeError AF_CHAT_TEMPLATE when the template is no Jinja
 */
export async function templateSpelling(tokenizer: Tokenizer, template: ChatTemplate): Promise<Spelling> {
  const jinja = await import('@huggingface/jinja');
  const typed = new TypedText(tokenizer);
  const compiled = attempt(template, 'cannot be read', () => new jinja.Template(template.text));
  return {
    kind: 'template',
    stops: [],
    spell: (front, turns, question) => {
      const messages = messagesOf(front, turns, question, typed);
      const rendered = render(compiled, template, messages);
      const parts = rendered.split(MARK);
      return {
        text: parts.join(''),
        ids: parts.flatMap((part) => tokenizer.encode(part, { specials: true })),
      };
    },
  };
}

interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

function messagesOf(
  { persona, system, manuals }: Front,
  turns: readonly Exchange[],
  question: string,
  typed: TypedText,
): Message[] {
  const first = `${persona}${manuals.join('')}${system === null ? '' : typed.marked(system)}`;
  return [
    ...(first === '' ? [] : [{ role: 'system', content: first } as const]),
    ...turns.flatMap((turn): Message[] => [
      { role: 'user', content: typed.marked(turn.question) },
      { role: 'assistant', content: typed.marked(turn.answer) },
    ]),
    { role: 'user', content: typed.marked(question) },
  ];
}

function render(compiled: Template, template: ChatTemplate, messages: readonly Message[]): string {
  const given = { ...template.specials, messages, add_generation_prompt: true };
  const text = attempt(template, 'refuses this conversation', () => compiled.render(given));
  if (text !== '') return text;
  throw flaw(template, 'makes nothing of this conversation');
}

function attempt<T>(template: ChatTemplate, what: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw flaw(template, `${what}: ${messageOf(cause)}`, cause);
  }
}

function flaw({ at }: ChatTemplate, what: string, cause?: unknown): ForgeError {
  return new ForgeError('AF_CHAT_TEMPLATE', `The chat template of the model ${what}`, {
    ...{ at, cause },
    fix: 'Leave out what it refuses (a system text, for example), or do without the template: --template question.',
  });
}
