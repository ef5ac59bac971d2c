import { Option, type Command } from '../commander.js';
import { addConfigFlags, addJsonFlag, MODEL_ARGUMENT, type ConfigFlags } from '../config-flags.js';
import type { PromptFlags } from './read-prompt.js';
import { addSamplingFlags, namesOf, type SamplingFlags } from './sampling-flags.js';

export const THOUGHTS_MODES = ['show', 'hide', 'off'] as const;
export type ThoughtsMode = (typeof THOUGHTS_MODES)[number];

export interface GenerateFlags extends Omit<ConfigFlags, 'seed'>, PromptFlags, SamplingFlags {
  /** A file with a prompt on each line, or `-`. */
  readonly prompts?: string;
  readonly thoughts?: ThoughtsMode;
  readonly tools?: boolean;
  readonly manuals?: string;
  readonly persona?: string;
}

const EXAMPLES = `
Examples:
  agentforge generate champion --prompt 'Once upon a time'
  agentforge generate --prompts questions.txt --json > answers.jsonl    a prompt on each line, a document on each line`;

export function addGenerateFlags(command: Command): void {
  addJsonFlag(addConfigFlags(command))
    .argument('[model]', MODEL_ARGUMENT, 'latest')
    .option(
      '--prompt <text>',
      'text to continue, or - to read it from standard input; empty starts a document',
    )
    .addOption(new Option('--prompt-file <file>', 'continue the text of a file').conflicts('prompt'))
    .addOption(
      new Option(
        '--prompts <file>',
        'continue every line of a file, or of standard input (-), each alone',
      ).conflicts(['prompt', 'promptFile']),
    );
  addSamplingFlags(command, { maxTokens: 128, temperature: '0.8' })
    .addOption(
      new Option(
        '--thoughts [mode]',
        'let a model that was taught it think before difficult tokens: show, hide or off (default: off)',
      )
        .choices(THOUGHTS_MODES)
        .preset('show'),
    )
    .option('--tools', 'let a model that was taught it call tools, and show calls and results')
    .option(
      '--manuals <tools>',
      'put the manuals of these tools, with commas between, or of all in front of the prompt; --tools is not needed then',
    )
    .option('--persona <name>', 'write as a persona that was baked into the model')
    .addHelpText('after', EXAMPLES);
}

/** Whether it may call tools, and whose manuals it reads. */
export function toolsAsked({ tools = false, manuals }: GenerateFlags) {
  if (manuals === undefined) return tools;
  return { manuals: manuals === 'all' ? ('all' as const) : namesOf(manuals) };
}
