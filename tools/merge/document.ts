import { documentFlaws } from '../../core/contracts/document-flaws.js';
import { ForgeError } from '../../core/errors/index.js';
import type { Path } from './report.js';

/** One document of a YAML or JSON file, with the lines of its values. */
export interface RecipeDocument {
  /** Plain data; keys without a value are left out, as if they were not written. */
  readonly value: unknown;
  /** Line of the value at a path, or of the nearest one above it; counted from 1. */
  lineOf(path: Path): number | null;
}

/**
 * The documents of a YAML text (JSON is YAML).
 *
 * @param file what messages call the text
 * @throws ForgeError AF_MERGE_RECIPE with the line when it is not YAML
 */
export async function parseDocuments(text: string, file: string): Promise<RecipeDocument[]> {
  const { LineCounter, isCollection, isPair, isScalar, parseAllDocuments } = await import('yaml');
  const lines = new LineCounter();
  const parsed = [...parseAllDocuments(text, { lineCounter: lines, uniqueKeys: true, merge: true })];
  for (const { errors } of parsed) {
    const [error] = errors;
    if (error) throw syntaxError(error.message, `${file}:${error.linePos?.[0].line ?? 1}`, error);
  }
  return parsed
    .map((document) => ({
      value: soundly(plainValue(() => document.toJS({ maxAliasCount: 100 }) as unknown, file)),
      lineOf: (path: Path): number | null => {
        let node: unknown = document.contents;
        let offset = rangeStart(node);
        for (const key of path) {
          if (!isCollection(node)) break;
          const pair = node.items.find(
            (item) => isPair(item) && isScalar(item.key) && item.key.value === key,
          );
          const next = isPair(pair) ? pair.value : node.get(key, true);
          const start = isPair(pair) ? rangeStart(pair.key) : rangeStart(next);
          if (start === null) break;
          offset = start;
          node = next;
        }
        return offset === null ? null : lines.linePos(offset).line;
      },
    }))
    .filter(({ value }) => value !== undefined);
}

/** Nulls taken out of what can be walked; whoever reads the rest tells what is wrong with it. */
function soundly(value: unknown): unknown {
  return documentFlaws(value).length === 0 ? withoutNulls(value) : value;
}

/** Aliases that would unfold into more than anybody writes by hand are an attack, or a slip. */
function plainValue(read: () => unknown, file: string): unknown {
  try {
    return read();
  } catch (error) {
    throw syntaxError(error instanceof Error ? error.message : String(error), file, error);
  }
}

function rangeStart(node: unknown): number | null {
  if (typeof node !== 'object' || node === null || !('range' in node)) return null;
  const { range } = node;
  return Array.isArray(range) && typeof range[0] === 'number' ? range[0] : null;
}

/** A key without a value means the same as no key. */
function withoutNulls(value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  if (Array.isArray(value)) return value.map((item) => withoutNulls(item) ?? null);
  if (typeof value !== 'object') return value;
  const entries = Object.entries(value).map(([key, member]) => [key, withoutNulls(member)] as const);
  return Object.fromEntries(entries.filter(([, member]) => member !== undefined));
}

function syntaxError(message: string, at: string, cause: unknown): ForgeError {
  return new ForgeError('AF_MERGE_RECIPE', `The recipe is not YAML: ${message.split('\n')[0]!}`, {
    at,
    fix: 'Mend the file; the message says what is wrong in it.',
    cause,
  });
}
