import type { ChatOptions } from '../../tools/index.js';
import { Option, type Command } from '../commander.js';
import { addConfigFlags, MODEL_ARGUMENT, parseInteger, type ConfigFlags } from '../config-flags.js';
import { THOUGHTS_MODES, type ThoughtsMode } from '../generate/flags.js';
import {
  addSamplingFlags,
  namesOf,
  samplingOptions,
  type SamplingFlags,
} from '../generate/sampling-flags.js';

const ALL = 'all';
const TEMPLATES = ['auto', 'question', 'plain'] as const;

export interface ChatFlags extends Omit<ConfigFlags, 'seed'>, SamplingFlags {
  readonly persona?: string;
  readonly system?: string;
  readonly tools?: string;
  readonly thoughts?: ThoughtsMode;
  readonly turns?: number | 'all';
  readonly template?: (typeof TEMPLATES)[number];
}

const EXAMPLES = `
Examples:
  agentforge chat                                     talk to the newest model; /help there lists commands
  agentforge chat forged --persona terse              as a persona that was baked into it
  agentforge chat --json < questions.txt              a question on each line, an answer on each line`;

export function addChatFlags(command: Command): void {
  addConfigFlags(command)
    .argument('[model]', MODEL_ARGUMENT, 'latest')
    .option('--json', 'print one JSON document for each answer, each on a line')
    .option('--persona <name>', 'answer as a persona that was baked into the model')
    .option('--system <text>', 'a text in front of everything')
    .option(
      '--tools <which>',
      'on: with the manuals of all tools; bare: without manuals; off; or names of manuals, with commas between (default: on where the model knows tools)',
    )
    .addOption(
      new Option(
        '--thoughts <mode>',
        'show, hide or off (default: hide where the model was taught to think)',
      ).choices(THOUGHTS_MODES),
    )
    .option(
      '--turns <number>',
      'most earlier turns to read, or all that fit (default: all where the model learnt conversations, else 0)',
      turnsNamed,
    )
    .addOption(
      new Option(
        '--template <name>',
        'how it is asked: question (as models learn it here), plain, or auto, which takes the chat template of the model where it has one (default: auto)',
      ).choices(TEMPLATES),
    );
  addSamplingFlags(command, {
    maxTokens: 256,
    temperature: '0 for questions, else 0.8',
  }).addHelpText('after', EXAMPLES);
}

export function chatOptions(flags: ChatFlags): ChatOptions {
  const { persona, system, tools, thoughts, turns, template } = flags;
  return {
    ...samplingOptions(flags),
    ...{ persona, system, template, tools: toolsNamed(tools) },
    turns: turns === ALL ? null : turns,
    thoughts: thoughts === undefined ? undefined : thoughts !== 'off',
  };
}

/** What `--turns` and `/turns` say. @throws InvalidArgumentError as commander knows it, which takes null for nothing */
export function turnsNamed(which: string): number | 'all' {
  return which === ALL ? ALL : parseInteger(0)(which);
}

/** What `--tools` and `/tools` say; undefined: the default. */
export function toolsNamed(which: string | undefined): ChatOptions['tools'] {
  if (which === undefined) return undefined;
  if (which === 'off') return false;
  if (which === 'bare') return true;
  return { manuals: which === 'on' ? 'all' : namesOf(which) };
}
