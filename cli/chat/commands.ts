import { ForgeError, nearest } from '../../core/errors/index.js';
import type { Conversation } from '../../tools/index.js';
import { THOUGHTS_MODES } from '../generate/flags.js';
import { toolsNamed, turnsNamed } from './flags.js';
import type { ChatPage } from './page.js';
import { save } from './save.js';

/** What commands within a conversation work on. */
export interface ChatSession {
  readonly chat: Conversation;
  readonly page: ChatPage;
  readonly cwd: string;
}

interface ChatCommand {
  readonly name: string;
  readonly arguments: string;
  readonly summary: string;
  /** What may follow, for completion. */
  readonly words?: (chat: Conversation) => readonly string[];
  /** @returns what to say; null: the conversation is over */
  run(session: ChatSession, argument: string): Promise<string | null>;
}

const NONE = 'none';

/** What can be typed beside questions, in the order of the help. */
export const CHAT_COMMANDS: readonly ChatCommand[] = [
  {
    ...{ name: 'persona', arguments: `[name|${NONE}]`, summary: 'answer as a persona of the model' },
    words: ({ known }) => [...known.personas, NONE],
    run: async ({ chat }, name) => {
      if (name !== '') await chat.change({ persona: name === NONE ? null : name });
      return personaLine(chat);
    },
  },
  {
    ...{
      name: 'tools',
      arguments: '[on|bare|off|names]',
      summary: 'tools that it may call, and whose manuals it reads',
    },
    words: ({ known }) => ['on', 'bare', 'off', ...known.tools],
    run: async ({ chat }, which) => {
      if (which !== '') await chat.change({ tools: toolsNamed(which) });
      return toolsLine(chat);
    },
  },
  {
    ...{
      name: 'thoughts',
      arguments: `[${THOUGHTS_MODES.join('|')}]`,
      summary: 'whether it thinks, and is seen to',
    },
    words: () => THOUGHTS_MODES,
    run: changeThoughts,
  },
  {
    ...{ name: 'system', arguments: `[text|${NONE}]`, summary: 'a text in front of everything' },
    run: async ({ chat }, text) => {
      if (text !== '') await chat.change({ system: text === NONE ? null : text });
      const { system } = chat.settings;
      return system === null ? 'No system text.' : `System text: ${system}`;
    },
  },
  {
    ...{ name: 'turns', arguments: '[number|all]', summary: 'most earlier turns that it reads' },
    words: () => ['all', '0'],
    run: async ({ chat }, which) => {
      if (which !== '') await chat.change({ turns: turnsOf(which) });
      return turnsLine(chat);
    },
  },
  {
    ...{ name: 'reset', arguments: '', summary: 'begin anew; settings stay' },
    run: async ({ chat }) => {
      chat.reset();
      return 'Everything that was said is forgotten.';
    },
  },
  {
    ...{ name: 'save', arguments: '<file> [--force]', summary: 'keep the conversation: .json or .md' },
    run: ({ chat, cwd }, file) => save(chat, file, cwd),
  },
  {
    ...{ name: 'help', arguments: '', summary: 'this list' },
    run: async ({ chat }) => helpText(chat),
  },
  {
    ...{ name: 'exit', arguments: '', summary: 'leave; so do Ctrl-D and Ctrl-C twice' },
    run: async () => null,
  },
];

/** Run what follows a slash. @throws ForgeError AF_USAGE for an unknown command; what the command throws */
export async function runChatCommand(session: ChatSession, line: string): Promise<string | null> {
  const [, name = '', argument = ''] = /^\/(\S*)\s*([^]*)$/.exec(line.trimEnd()) ?? [];
  const command = CHAT_COMMANDS.find((each) => each.name === name);
  if (command !== undefined) return command.run(session, argument);
  const known = CHAT_COMMANDS.map((each) => each.name);
  const suggestion = nearest(name, known);
  const hint = suggestion === undefined ? '' : ` Did you mean /${suggestion}?`;
  throw new ForgeError('AF_USAGE', `There is no command /${name}.${hint}`, {
    fix: `Commands: ${known.map((each) => `/${each}`).join(', ')}. A question that begins with a slash is typed with two.`,
    facts: { known, suggestion: suggestion ?? null },
  });
}

/** Words that a line could go on with, for the tabulator. */
export function completions(chat: Conversation, line: string): readonly [readonly string[], string] {
  const [, name, word] = /^\/(\S+)\s+(\S*)$/.exec(line) ?? [];
  if (name === undefined) {
    const names = CHAT_COMMANDS.map((command) => `/${command.name}`);
    return [line.startsWith('/') ? names.filter((each) => each.startsWith(line)) : [], line];
  }
  const words = CHAT_COMMANDS.find((command) => command.name === name)?.words?.(chat) ?? [];
  return [words.filter((each) => each.startsWith(word!)), word!];
}

async function changeThoughts({ chat, page }: ChatSession, mode: string): Promise<string> {
  if (mode !== '') {
    const known: readonly string[] = THOUGHTS_MODES;
    if (!known.includes(mode))
      throw new ForgeError('AF_USAGE', `Thoughts cannot be "${mode}".`, { fix: `Say ${known.join(', ')}.` });
    await chat.change({ thoughts: mode !== 'off' });
    page.showsThoughts = mode === 'show';
  }
  if (!chat.settings.thoughts) return 'It does not think.';
  return `It thinks, and thoughts are ${page.showsThoughts ? 'shown' : 'hidden'}.`;
}

const SPELLINGS: Readonly<Record<Conversation['settings']['spelling'], string>> = {
  question: 'as questions, as models learn it here',
  plain: 'as it is typed',
  template: 'by the chat template of the model',
};

/** What holds, in a line each. */
export function settingsLines(chat: Conversation): readonly string[] {
  return [`Spelt ${SPELLINGS[chat.settings.spelling]}.`, turnsLine(chat), personaLine(chat), toolsLine(chat)];
}

function turnsOf(which: string): number | null {
  try {
    const turns = turnsNamed(which);
    return turns === 'all' ? null : turns;
  } catch (cause) {
    throw new ForgeError('AF_USAGE', `Turns cannot be "${which}".`, { fix: 'Say a number, or all.', cause });
  }
}

function turnsLine({ settings: { turns } }: Conversation): string {
  if (turns === 0) return 'Each question stands alone.';
  return `It reads ${turns === null ? 'as many' : `the last ${turns}`} earlier turns${turns === null ? ' as fit' : ', as far as they fit'}.`;
}

function personaLine({ settings: { persona }, known: { personas } }: Conversation): string {
  if (personas.length === 0) return 'The model has no personas.';
  return `Persona: ${persona ?? NONE}; it has ${personas.join(', ')}.`;
}

function toolsLine({ settings: { tools, manuals }, known }: Conversation): string {
  if (known.tools.length === 0) return 'The model knows no tools.';
  const all = known.tools.join(', ');
  if (!tools) return `Tools: off; it knows ${all}.`;
  const which = manuals.length === 0 ? 'no manuals' : `the manuals of ${manuals.join(', ')}`;
  return `Tools: ${all}; ${manuals.length === known.tools.length ? 'their manuals' : which} in front.`;
}

function helpText(chat: Conversation): string {
  const rows = CHAT_COMMANDS.map(
    ({ name, arguments: words, summary }) => [`/${name} ${words}`.trimEnd(), summary] as const,
  );
  const width = Math.max(...rows.map(([left]) => left.length));
  const lines = rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
  return [
    ...lines,
    'Ctrl-C stops an answer. What begins with // is a question that begins with a slash.',
    ...settingsLines(chat),
  ].join('\n');
}
