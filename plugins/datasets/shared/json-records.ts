import { ForgeError } from '../../../core/errors/index.js';
import { ArrayScanner, type Line } from './array-scanner.js';
import { Fields } from './fields.js';
import type { DataFile } from './files.js';

/** Characters of the longest record that is read: some way below the longest string there can be. */
const LONGEST_RECORD = 1 << 26;

/**
 * Records of a JSONL file, one object per line; blank lines are passed over.
 * @throws ForgeError AF_DATA_MALFORMED with file and line
 */
export async function* recordsByLine(file: DataFile, longest = LONGEST_RECORD): AsyncGenerator<Fields> {
  for await (const { line, text } of linesOf(file, longest)) {
    const at = `${file.name}:${line}`;
    if (text.trim() !== '') yield new Fields(parse(text, at), at);
  }
}

/** Records of a JSON file that is one array of objects. @throws ForgeError AF_DATA_MALFORMED with file and line */
export async function* recordsOfArray(file: DataFile, longest = LONGEST_RECORD): AsyncGenerator<Fields> {
  const scanner = new ArrayScanner((line, message) => malformed(`${file.name}:${line}`, message));
  const read = function* (elements: Iterable<Line>): Generator<Fields> {
    for (const { line, text } of elements) {
      const at = `${file.name}:${line}`;
      yield new Fields(parse(text, at), at);
    }
  };
  for await (const piece of file.pieces()) {
    yield* read(scanner.read(piece));
    if (scanner.unfinished > longest) throw tooLong(file.name, scanner.line, longest);
  }
  yield* read(scanner.end());
}

/** Records of a file that is JSONL or one array, whichever it begins like. */
export async function* recordsOf(file: DataFile): AsyncGenerator<Fields> {
  yield* (await firstCharacter(file)) === '[' ? recordsOfArray(file) : recordsByLine(file);
}

/** Every record made into something, in order. */
export async function mapRecords<T>(
  records: AsyncIterable<Fields>,
  make: (fields: Fields) => T,
): Promise<T[]> {
  const made: T[] = [];
  for await (const fields of records) made.push(make(fields));
  return made;
}

/** Lines of a file. @throws ForgeError AF_DATA_MALFORMED when one has more characters than `longest` */
export async function* linesOf(file: DataFile, longest = LONGEST_RECORD): AsyncGenerator<Line> {
  let line = 1;
  let rest = '';
  for await (const piece of file.pieces()) {
    const lines = piece.split('\n');
    lines[0] = rest + lines[0]!;
    rest = lines.pop()!;
    for (const text of lines) {
      if (text.length > longest) throw tooLong(file.name, line, longest);
      yield { line: line++, text };
    }
    if (rest.length > longest) throw tooLong(file.name, line, longest);
  }
  yield { line, text: rest };
}

async function firstCharacter(file: DataFile): Promise<string | undefined> {
  for await (const piece of file.pieces()) {
    const text = piece.trimStart();
    if (text !== '') return text[0];
  }
  return undefined;
}

function parse(text: string, at: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw malformed(at, `not JSON: ${(cause as Error).message}`, cause);
  }
}

function tooLong(name: string, line: number, longest: number): ForgeError {
  return malformed(`${name}:${line}`, `the record is longer than ${longest} characters`);
}

/** The error for a place in a data file. */
export function malformed(at: string, message: string, cause?: unknown): ForgeError {
  return new ForgeError('AF_DATA_MALFORMED', `${at}: ${message}`, {
    at,
    fix: 'correct the file at this place, or fetch it again from its source',
    cause,
  });
}
