import { ForgeError } from '../../../errors/index.js';
import { Fields } from './fields.js';
import type { TextFile } from './files.js';

/**
 * Records of a JSONL file, one object per line; blank lines are passed over.
 * @throws ForgeError AF_DATA_MALFORMED with file and line
 */
export function recordsByLine(file: TextFile): readonly Fields[] {
  const records: Fields[] = [];
  file.text.split('\n').forEach((line, index) => {
    if (line.trim() === '') return;
    const at = `${file.name}:${index + 1}`;
    records.push(new Fields(parse(line, at), at));
  });
  return records;
}

/** Records of a JSON file that is one array of objects. @throws ForgeError AF_DATA_MALFORMED with file and line */
export function recordsOfArray(file: TextFile): readonly Fields[] {
  const elements = elementsOf(file.text);
  const records = elements.map(
    ({ line, text }) => new Fields(parse(text, `${file.name}:${line}`), `${file.name}:${line}`),
  );
  const whole = parse(file.text, file.name);
  if (!Array.isArray(whole)) throw malformed(file.name, 'expected an array of records');
  if (whole.length !== records.length) throw malformed(file.name, 'expected an array of objects only');
  return records;
}

function parse(text: string, at: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw malformed(at, `not JSON: ${(cause as Error).message}`, cause);
  }
}

interface Element {
  /** Line (from 1) on which it begins. */
  readonly line: number;
  readonly text: string;
}

/** The objects and arrays right below the outermost bracket; the last one goes to the end when it is never closed. */
function elementsOf(text: string): readonly Element[] {
  const elements: Element[] = [];
  let [line, depth, start, startLine] = [1, 0, -1, 1];
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '\n') line++;
    if (inString) {
      if (character === '\\') at++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') {
      if (++depth === 2) [start, startLine] = [at, line];
    } else if ((character === '}' || character === ']') && depth-- === 2) {
      elements.push({ line: startLine, text: text.slice(start, at + 1) });
      start = -1;
    }
  }
  return start < 0 ? elements : [...elements, { line: startLine, text: text.slice(start) }];
}

/** The error for a place in a data file. */
export function malformed(at: string, message: string, cause?: unknown): ForgeError {
  return new ForgeError('AF_DATA_MALFORMED', `${at}: ${message}`, {
    at,
    fix: 'correct the file at this place, or fetch it again from its source',
    cause,
  });
}
