import { Option } from 'commander';
import type { Kernel } from '../../core/kernel/types.js';
import type { TextObserver } from '../../nn/generation/index.js';
import type { ModelRef } from '../../contracts/model.js';
import { formatCount, printable, styleOf, terminalOf } from '../../terminal/index.js';
import { defineCommand, type CommandContext, type Outcome } from '../command.js';
import { addConfigFlags, addJsonFlag, parseInteger, parseNumber, type ConfigFlags } from '../config-flags.js';
import { EXIT } from '../exit-codes.js';
import { readPrompt, type PromptFlags } from '../generate/read-prompt.js';
import { listenToInterrupts } from '../interrupts.js';
import { findModel } from '../models/find-model.js';
import { openGenerator } from '../models/open-generator.js';
import { withKernel } from '../open-kernel.js';

/** `--seed` here seeds the sampling, not the configuration. */
interface GenerateFlags extends Omit<ConfigFlags, 'seed'>, PromptFlags {
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly greedy?: boolean;
  readonly seed?: number;
}

export const command = defineCommand<GenerateFlags>({
  configure(command) {
    addJsonFlag(addConfigFlags(command))
      .argument('[model]', 'id, name (the newest of that name) or `latest`', 'latest')
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
      .option('--greedy', 'always the most likely token')
      .option('--seed <number>', 'the same seed writes the same text (default: 0)', parseInteger(0));
  },
  run: (context, flags, [query = 'latest']) =>
    withKernel(
      context,
      { flags: { ...flags, seed: undefined }, withoutConfig: 'defaults' },
      async (kernel) => {
        const model = await findModel(await kernel.registry(), query);
        return write(kernel, model, flags, context);
      },
    ),
});

async function write(
  kernel: Kernel,
  model: ModelRef,
  flags: GenerateFlags,
  context: CommandContext,
): Promise<Outcome> {
  const prompt = await readPrompt(flags, context.io);
  const [{ generateText }, options] = await Promise.all([
    import('../../nn/generation/index.js'),
    textOptions(flags),
  ]);
  const opened = await openGenerator(kernel, model);
  const interrupts = listenToInterrupts(context.io, 'Stopping after this token.');
  const started = performance.now();
  const pieces: string[] = [];
  const counts = new Counts(context);
  try {
    showPrompt(prompt, context);
    for await (const piece of generateText(opened.generator, opened.tokenizer, prompt, options, counts)) {
      pieces.push(piece);
      if (!context.json) context.io.stdout.write(context.terminal.interactive ? printable(piece) : piece);
      if (interrupts.signal.aborted) break;
    }
    if (!context.json) context.io.stdout.write('\n');
  } finally {
    interrupts.release();
    await opened.dispose();
  }
  const text = pieces.join('');
  return {
    document: {
      model: model.id,
      sha256: model.metadata.sha256,
      prompt,
      promptTokens: counts.promptTokens,
      promptTokensSeen: counts.promptTokensSeen,
      text,
      ...options,
      tokens: counts.tokens,
      seconds: (performance.now() - started) / 1000,
    },
    text: () => '',
    exitCode: interrupts.signal.aborted ? EXIT.interrupted : EXIT.ok,
  };
}

/** Counts what is read and written, and says so when the model cannot see the whole prompt. */
class Counts implements TextObserver {
  promptTokens = 0;
  promptTokensSeen = 0;
  tokens = 0;

  constructor(private readonly context: CommandContext) {}

  onPrompt(tokens: number, seen: number): void {
    [this.promptTokens, this.promptTokensSeen] = [tokens, seen];
    if (seen === tokens) return;
    const { io } = this.context;
    const style = styleOf(terminalOf(io.stderr, io.env));
    io.stderr.write(
      `${style.yellow('warning')} The prompt is ${formatCount(tokens)} tokens long; the model sees the last ${formatCount(seen)} of them.\n`,
    );
  }

  onToken(): void {
    this.tokens++;
  }
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

/** On a terminal the continuation stands behind its prompt; a pipe gets the continuation alone. */
function showPrompt(prompt: string, context: CommandContext): void {
  if (context.json || !context.terminal.interactive) return;
  context.io.stdout.write(styleOf(context.terminal).dim(printable(prompt)));
}
