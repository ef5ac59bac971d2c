import { encodeJson } from '../../core/contracts/json-numbers.js';
import { printable, styleOf, terminalOf } from '../../plugins/sinks/console/terminal/index.js';
import type { Answer, Conversation } from '../../tools/index.js';
import type { CommandContext } from '../command.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { linesOf, type InputLine } from '../generate/lines.js';
import { listenToInterrupts } from '../interrupts.js';
import { forgeErrorOf, sayError } from '../say-error.js';
import { errorDocument } from '../render/error.js';
import { DROPPED } from './page.js';

/**
 * A conversation whose questions come from another program or a file, one on each line: answers alone go to standard output,
 * everything else to standard error. A line that cannot be asked is told, and the others are answered all the same.
 */
export async function answerLines(chat: Conversation, context: CommandContext): Promise<ExitCode> {
  const { io } = context;
  const interrupts = listenToInterrupts(io, 'Stopping after this token.');
  const print = printer(context);
  let [failed, hasTold] = [false, false];
  try {
    for await (const line of until(linesOf(io.stdin), interrupts.signal)) {
      try {
        if ('error' in line) throw line.error;
        const answer = await hear(chat, line.text, context, interrupts.signal);
        print({ model: chat.model, line: line.line, ...answer });
        if (answer.dropped > 0 && !hasTold) warn(DROPPED, context);
        hasTold ||= answer.dropped > 0;
      } catch (thrown) {
        failed = true;
        const error = forgeErrorOf(thrown);
        sayError(error, context);
        const question = 'text' in line ? line.text : null;
        print({ model: chat.model, line: line.line, question, error: errorDocument(error) });
      }
    }
  } finally {
    interrupts.release();
  }
  if (interrupts.signal.aborted) return EXIT.interrupted;
  return failed ? EXIT.failed : EXIT.ok;
}

function printer({ io, json }: CommandContext): (found: object) => void {
  return (found) => {
    if (json) io.stdout.write(`${encodeJson(found)}\n`);
  };
}

async function hear(
  chat: Conversation,
  question: string,
  { io, json }: CommandContext,
  signal: AbortSignal,
): Promise<Answer> {
  const isSeen = io.stdout.isTTY === true;
  const pieces = chat.ask(question, { signal });
  for (;;) {
    const next = await pieces.next();
    if (next.done === true) {
      if (!json) io.stdout.write('\n');
      return next.value;
    }
    const { value } = next;
    if (!json && value.kind === 'text') io.stdout.write(isSeen ? printable(value.text) : value.text);
  }
}

function warn(text: string, { io }: CommandContext): void {
  io.stderr.write(`${styleOf(terminalOf(io.stderr, io.env)).yellow('warning')} ${text}\n`);
}

/** Lines up to an interruption, which is heard while one is waited for, too. */
async function* until(lines: AsyncGenerator<InputLine>, signal: AbortSignal): AsyncGenerator<InputLine> {
  const stop = new Promise<null>((resolve) =>
    signal.addEventListener('abort', () => resolve(null), { once: true }),
  );
  while (!signal.aborted) {
    const next = await Promise.race([lines.next(), stop]);
    if (next === null || next.done === true) return;
    yield next.value;
  }
}
