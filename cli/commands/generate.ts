import { Option } from '../commander.js';
import { formatCount, styleOf, terminalOf } from '../../plugins/sinks/console/terminal/index.js';
import { defineCommand, type CommandContext, type Outcome } from '../command.js';
import {
  addConfigFlags,
  addJsonFlag,
  MODEL_ARGUMENT,
  parseInteger,
  parseNumber,
  type ConfigFlags,
} from '../config-flags.js';
import { EXIT } from '../exit-codes.js';
import { Page } from '../generate/page.js';
import { readPrompt, type PromptFlags } from '../generate/read-prompt.js';
import { listenToInterrupts } from '../interrupts.js';
import type { Project } from '../../tools/index.js';
import { withProject } from '../open-kernel.js';

const THOUGHTS_MODES = ['show', 'hide', 'off'] as const;
type ThoughtsMode = (typeof THOUGHTS_MODES)[number];

/** `--seed` here seeds the sampling, not the configuration. */
interface GenerateFlags extends Omit<ConfigFlags, 'seed'>, PromptFlags {
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly greedy?: boolean;
  readonly seed?: number;
  readonly thoughts?: ThoughtsMode;
  readonly tools?: boolean;
  readonly manuals?: string;
}

export const command = defineCommand<GenerateFlags>({
  configure(command) {
    addJsonFlag(addConfigFlags(command))
      .argument('[model]', MODEL_ARGUMENT, 'latest')
      .option(
        '--prompt <text>',
        'text to continue, or - to read it from standard input; empty starts a document',
      )
      .addOption(new Option('--prompt-file <file>', 'continue the text of a file').conflicts('prompt'))
      .option('--max-tokens <number>', 'most tokens to write (default: 128)', parseInteger(1))
      .option('--temperature <number>', '0 is greedy, 1 as trained (default: 0.8)', parseNumber(0, Infinity))
      .option('--top-k <number>', 'only the k most likely tokens; 0 for all (default: 50)', parseInteger(0))
      .option(
        '--top-p <number>',
        'only the most likely tokens up to this probability (default: 0.95)',
        parseNumber(0, 1),
      )
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
      .option('--greedy', 'always the most likely token')
      .option('--seed <number>', 'the same seed writes the same text (default: 0)', parseInteger(0));
  },
  run: (context, flags, [reference = 'latest']) =>
    withProject(context, { flags: { ...flags, seed: undefined }, withoutConfig: 'defaults' }, (project) =>
      write(project, reference, flags, context),
    ),
});

async function write(
  project: Project,
  reference: string,
  flags: GenerateFlags,
  context: CommandContext,
): Promise<Outcome> {
  const prompt = await readPrompt(flags, context.io);
  const options = await textOptions(flags);
  const { thoughts = 'off' } = flags;
  const model = await project.loadModel(reference);
  const interrupts = listenToInterrupts(context.io, 'Stopping after this token.');
  const page = new Page(context);
  try {
    const written = await model.complete(prompt, {
      ...options,
      signal: interrupts.signal,
      thoughts: thoughts !== 'off',
      tools: toolsAsked(flags),
      onPrompt: (tokens, seen) => {
        if (seen < tokens) warnOfLongPrompt(tokens, seen, context);
        page.prompt(prompt);
      },
      onText: (piece) => page.text(piece),
      onThought: (piece) => {
        if (thoughts === 'show') page.aside(piece);
      },
      onCall: (piece) => page.aside(piece),
    });
    page.end(written);
    return {
      document: {
        ...{ model: model.id ?? model.name, folder: model.folder, sha256: model.metadata?.sha256 ?? null },
        ...{ prompt, ...options, ...written },
      },
      text: () => '',
      exitCode: written.stopped === 'aborted' ? EXIT.interrupted : EXIT.ok,
    };
  } finally {
    interrupts.release();
  }
}

/** Whether it may call tools, and whose manuals it reads. */
function toolsAsked({ tools = false, manuals }: GenerateFlags) {
  if (manuals === undefined) return tools;
  return { manuals: manuals === 'all' ? ('all' as const) : manuals.split(',').map((name) => name.trim()) };
}

function warnOfLongPrompt(tokens: number, seen: number, { io }: CommandContext): void {
  const style = styleOf(terminalOf(io.stderr, io.env));
  io.stderr.write(
    `${style.yellow('warning')} The prompt is ${formatCount(tokens)} tokens long; the model sees the last ${formatCount(seen)} of them.\n`,
  );
}

async function textOptions(flags: GenerateFlags) {
  const { DEFAULT_TEXT_OPTIONS } = await import('../../nn/generation/index.js');
  const topK = flags.topK ?? DEFAULT_TEXT_OPTIONS.topK;
  return {
    temperature: flags.greedy === true ? 0 : (flags.temperature ?? DEFAULT_TEXT_OPTIONS.temperature),
    topK: topK === 0 ? null : topK,
    topP: flags.topP ?? DEFAULT_TEXT_OPTIONS.topP,
    maxTokens: flags.maxTokens ?? DEFAULT_TEXT_OPTIONS.maxTokens,
    seed: flags.seed ?? DEFAULT_TEXT_OPTIONS.seed,
  };
}
