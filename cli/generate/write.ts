import { formatCount, styleOf, terminalOf } from '../../plugins/sinks/console/terminal/index.js';
import type { GeneratedText, GenerateOptions, Model } from '../../tools/index.js';
import type { CommandContext } from '../command.js';
import type { ThoughtsMode } from './flags.js';
import { Page } from './page.js';

/** How a text is written, and shown. */
export interface WritingRequest {
  readonly options: GenerateOptions;
  readonly thoughts: ThoughtsMode;
}

/** Continue a prompt, and show it while it is written. @param at where a prompt of several stands, for warnings */
export async function writeText(
  model: Model,
  prompt: string,
  { options, thoughts }: WritingRequest,
  context: CommandContext,
  at = 'The prompt',
): Promise<GeneratedText> {
  const page = new Page(context);
  const written = await model.complete(prompt, {
    ...options,
    thoughts: thoughts !== 'off',
    onPrompt: (tokens, seen) => {
      if (seen < tokens) warnOfLongPrompt(at, tokens, seen, context);
      page.prompt(prompt);
    },
    onText: (piece) => page.text(piece),
    onThought: (piece) => {
      if (thoughts === 'show') page.aside(piece);
    },
    onCall: (piece) => page.aside(piece),
  });
  page.end(written);
  return written;
}

function warnOfLongPrompt(at: string, tokens: number, seen: number, { io }: CommandContext): void {
  const style = styleOf(terminalOf(io.stderr, io.env));
  io.stderr.write(
    `${style.yellow('warning')} ${at} is ${formatCount(tokens)} tokens long; the model sees the last ${formatCount(seen)} of them.\n`,
  );
}
