import type { Kernel } from '../../core/kernel/types.js';
import type { ModelRef } from '../../contracts/model.js';
import { printable, styleOf } from '../../terminal/index.js';
import { defineCommand, type CommandContext, type Outcome } from '../command.js';
import { addConfigFlags, addJsonFlag, parseInteger, parseNumber, type ConfigFlags } from '../config-flags.js';
import { EXIT } from '../exit-codes.js';
import { listenToInterrupts } from '../interrupts.js';
import { findModel } from '../models/find-model.js';
import { openGenerator } from '../models/open-generator.js';
import { withKernel } from '../open-kernel.js';

/** `--seed` here seeds the sampling, not the configuration. */
interface GenerateFlags extends Omit<ConfigFlags, 'seed'> {
  readonly prompt: string;
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
      .option('--prompt <text>', 'text to continue; empty starts a document', '')
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
  const [{ generateText }, options] = await Promise.all([
    import('../../nn/generation/index.js'),
    textOptions(flags),
  ]);
  const opened = await openGenerator(kernel, model);
  const interrupts = listenToInterrupts(context.io, 'Stopping after this token.');
  const started = performance.now();
  const pieces: string[] = [];
  try {
    showPrompt(flags.prompt, context);
    for await (const piece of generateText(opened.generator, opened.tokenizer, flags.prompt, options)) {
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
      prompt: flags.prompt,
      text,
      ...options,
      tokens: opened.tokenizer.encode(text).length,
      seconds: (performance.now() - started) / 1000,
    },
    text: () => '',
    exitCode: interrupts.signal.aborted ? EXIT.interrupted : EXIT.ok,
  };
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
