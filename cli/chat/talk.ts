import { styleOf, terminalOf } from '../../plugins/sinks/console/terminal/index.js';
import type { Conversation } from '../../tools/index.js';
import type { CommandContext } from '../command.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { completions, runChatCommand, settingsLines } from './commands.js';
import { Keyboard } from './keyboard.js';
import { ChatPage } from './page.js';

const LEAVING = 'Ctrl-C once more leaves; so do Ctrl-D and /exit.';

/** A conversation on a terminal, until whoever talks leaves. */
export class Talk {
  private readonly page: ChatPage;
  private readonly keyboard: Keyboard;
  private answering: AbortController | null = null;
  private isAbout = false;
  private exitCode: ExitCode = EXIT.ok;

  constructor(
    private readonly chat: Conversation,
    private readonly context: CommandContext,
    showsThoughts: boolean,
  ) {
    const { io } = context;
    this.page = new ChatPage(context, { showsThoughts });
    this.keyboard = new Keyboard(io, {
      prompt: styleOf(terminalOf(io.stdout, io.env)).cyan('> '),
      complete: (line) => completions(chat, line),
      onInterrupt: () => this.interrupt(),
    });
  }

  async run(): Promise<ExitCode> {
    const release = this.context.io.onInterrupt((signal) => this.hear(signal));
    this.page.note(`${this.chat.model} listens. /help lists commands, Ctrl-D leaves.`);
    this.page.note(settingsLines(this.chat).join(' '));
    try {
      for (;;) {
        const line = await this.keyboard.line();
        if (line === null) break;
        this.isAbout = false;
        if (!(await this.take(line))) break;
      }
    } finally {
      this.keyboard.close();
      release();
    }
    this.context.io.stdout.write('\n');
    return this.exitCode;
  }

  /** @returns whether the conversation goes on */
  private async take(line: string): Promise<boolean> {
    try {
      if (line.trim() === '') return true;
      if (!line.startsWith('/') || line.startsWith('//')) {
        await this.answer(line.replace(/^\/\//, '/'));
        return true;
      }
      const { chat, page } = this;
      const said = await runChatCommand({ chat, page, cwd: this.context.io.cwd }, line);
      if (said !== null) page.note(said);
      return said !== null;
    } catch (error) {
      this.page.error(error);
      return true;
    }
  }

  private async answer(question: string): Promise<void> {
    this.answering = new AbortController();
    const pieces = this.chat.ask(question, { signal: this.answering.signal });
    try {
      for (;;) {
        const next = await pieces.next();
        if (next.done === true) {
          this.page.end(next.value);
          return;
        }
        this.page.piece(next.value);
      }
    } finally {
      this.answering = null;
    }
  }

  /** Ctrl-C: an answer is stopped, a line is taken back, and on an empty line it is left at the second time. */
  private interrupt(): void {
    const { keyboard } = this;
    if (this.answering !== null) this.answering.abort();
    else if (!keyboard.isPrompting || keyboard.clear()) this.isAbout = false;
    else if (this.isAbout) keyboard.close();
    else {
      this.isAbout = true;
      this.context.io.stdout.write('\n');
      this.page.note(LEAVING);
      keyboard.again();
    }
  }

  /** A signal: that of Ctrl-C where the terminal sends it, or a request to end. */
  private hear(signal: NodeJS.Signals = 'SIGINT'): void {
    if (signal === 'SIGINT') {
      this.interrupt();
      return;
    }
    this.exitCode = EXIT.interrupted;
    this.answering?.abort();
    this.keyboard.close();
  }
}
