import { ForgeError } from '../../core/errors/index.js';

/** A line of a file or of standard input, counted from 1; or why it cannot be read. Lines of white space are passed over. */
export type InputLine = { readonly line: number } & (
  { readonly text: string } | { readonly error: ForgeError }
);

const NEWLINE = 0x0a;

/** Lines of UTF-8, each as soon as it is there; one that is none loses nothing of the others. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<InputLine> {
  let held = Buffer.alloc(0);
  let before = 0;
  for await (const chunk of chunks) {
    held = Buffer.concat([held, Buffer.from(chunk as Uint8Array)]);
    for (let end = held.indexOf(NEWLINE); end >= 0; end = held.indexOf(NEWLINE)) {
      before++;
      yield* lineOf(held.subarray(0, end), before);
      held = held.subarray(end + 1);
    }
  }
  yield* lineOf(held, before + 1);
}

function* lineOf(bytes: Uint8Array, line: number): Generator<InputLine> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r$/, '');
    if (text.trim() !== '') yield { line, text };
  } catch (cause) {
    yield {
      line,
      error: new ForgeError('AF_USAGE', `Line ${line} is not UTF-8 text.`, {
        ...{ at: `line ${line}`, cause },
        fix: 'Give text in UTF-8; the other lines were read.',
      }),
    };
  }
}
