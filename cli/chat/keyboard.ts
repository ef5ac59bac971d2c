import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import type { CliIo } from '../io.js';

/** What is typed at a prompt. */
export interface KeyboardOptions {
  readonly prompt: string;
  /** Words that a line could go on with, and what of the line they go on from. */
  readonly complete: (line: string) => readonly [readonly string[], string];
  /** Ctrl-C. */
  readonly onInterrupt: () => void;
}

/**
 * Lines that are typed on a terminal, with editing and history. One interface lives all the time, so that Ctrl-C is heard and
 * nothing is lost that is typed or pasted while an answer is written: it is not echoed then, and comes to light at the next
 * prompt.
 */
export class Keyboard {
  private readonly lines: string[] = [];
  private readonly reader: Interface;
  private waiting: ((line: string | null) => void) | null = null;
  private isClosed = false;

  constructor(
    private readonly io: CliIo,
    private readonly options: KeyboardOptions,
  ) {
    const { stdin, env } = io;
    this.reader = createInterface({
      ...{ input: stdin, output: this.echo(), terminal: env['TERM'] !== 'dumb' },
      ...{ prompt: options.prompt, historySize: 1000, removeHistoryDuplicates: true },
      completer: (line: string) => options.complete(line) as [string[], string],
    });
    this.reader.on('line', (line) => this.take(line));
    this.reader.on('SIGINT', () => options.onInterrupt());
    this.reader.on('close', () => this.end());
    // A terminal that goes away.
    stdin.on('error', () => this.close());
  }

  /** Whether somebody is asked to type. */
  get isPrompting(): boolean {
    return this.waiting !== null;
  }

  /** The next line; null when there will be none. */
  line(): Promise<string | null> {
    const typed = this.lines.shift();
    if (typed !== undefined) {
      this.io.stdout.write(`${this.options.prompt}${typed}\n`);
      return Promise.resolve(typed);
    }
    if (this.isClosed) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.waiting = resolve;
      this.reader.prompt(true);
    });
  }

  /** Take back what is typed on this line. @returns whether there was anything */
  clear(): boolean {
    if (this.reader.line === '') return false;
    this.reader.write(null, { ctrl: true, name: 'e' });
    this.reader.write(null, { ctrl: true, name: 'u' });
    return true;
  }

  /** Ask again, below what was printed meanwhile. */
  again(): void {
    this.reader.prompt();
  }

  close(): void {
    this.reader.close();
  }

  private take(line: string): void {
    const { waiting } = this;
    this.waiting = null;
    if (waiting === null) this.lines.push(line);
    else waiting(line);
  }

  private end(): void {
    this.isClosed = true;
    this.waiting?.(null);
    this.waiting = null;
  }

  /** What readline prints, while somebody is asked. */
  private echo(): Writable {
    const { stdout } = this.io;
    const shown = new Writable({
      decodeStrings: false,
      write: (text: string, _, taken) => {
        if (this.waiting !== null) stdout.write(text);
        taken();
      },
    });
    return Object.defineProperties(shown, { columns: { get: () => stdout.columns }, isTTY: { value: true } });
  }
}
