import type { Answer, ChatSettings, Conversation } from './conversation.js';

/** A conversation to be kept. */
export interface ChatDocument {
  /** Id of the model, or its name where it has none. */
  readonly model: string;
  readonly settings: ChatSettings;
  readonly turns: readonly Answer[];
}

export function chatDocument({ model, settings, turns }: Conversation): ChatDocument {
  return { model, settings, turns };
}

/** A conversation to be read: what was asked, what tools were asked on the way, what was answered. */
export function chatMarkdown({ model, settings, turns }: ChatDocument): string {
  const { persona, system } = settings;
  const facts = [
    ...(persona === null ? [] : [`Persona: ${persona}`]),
    ...(system === null ? [] : [`System text: ${system}`]),
  ];
  return `${[`# Conversation with ${model}`, ...facts, ...turns.flatMap(turnLines)].join('\n\n')}\n`;
}

function turnLines({ question, calls, text, stopped }: Answer): string[] {
  const called = (calls ?? []).map(({ tool, args, result }) => `- \`${callText({ tool, args, result })}\``);
  return [
    '## Question',
    quoted(question),
    ...(called.length === 0 ? [] : [called.join('\n')]),
    '## Answer',
    quoted(text),
    ...(stopped === 'end' ? [] : [`(${stopped === 'length' ? 'cut at its greatest length' : 'broken off'})`]),
  ];
}

/** Text that Markdown must not read as headings or lists of its own. */
function quoted(text: string): string {
  return text
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
    .join('\n');
}

/** A call with what came of it, in a line. */
export function callText({
  tool,
  args,
  result,
}: Pick<NonNullable<Answer['calls']>[number], 'tool' | 'args' | 'result'>): string {
  const asked = tool === null ? 'no readable call' : `${tool}(${args})`;
  return result === null ? `${asked}, broken off` : `${asked} -> ${result}`;
}
