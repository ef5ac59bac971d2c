/** Deepest nesting a safetensors header needs: the root, a tensor, its shape. A little room is left for future fields. */
const DEPTH_LIMIT = 8;

/** What makes a JSON text unfit as a header although `JSON.parse` may take it. */
export type JsonFlaw = { readonly kind: 'duplicate'; readonly key: string } | { readonly kind: 'too-deep' };

/**
 * Find a key that occurs twice in one object, or nesting without bound: `JSON.parse` silently keeps the last of
 * two equal keys, which lets two readers see two different files. Text that is not JSON gives no flaw here;
 * `JSON.parse` is what refuses it.
 */
export function findJsonFlaw(text: string, depthLimit = DEPTH_LIMIT): JsonFlaw | null {
  const keysByDepth: (Set<string> | null)[] = [];
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '{' || character === '[') {
      keysByDepth.push(character === '{' ? new Set() : null);
      if (keysByDepth.length > depthLimit) return { kind: 'too-deep' };
    } else if (character === '}' || character === ']') {
      keysByDepth.pop();
    } else if (character === '"') {
      const end = endOfString(text, i);
      const keys = keysByDepth.at(-1);
      if (keys && isFollowedByColon(text, end)) {
        const key = decodeKey(text.slice(i, end));
        if (keys.has(key)) return { kind: 'duplicate', key };
        keys.add(key);
      }
      i = end - 1;
    }
  }
  return null;
}

/** Index after the closing quote of the string that starts at `start`. */
function endOfString(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i + 1;
}

function isFollowedByColon(text: string, from: number): boolean {
  let i = from;
  while (text[i] === ' ' || text[i] === '\n' || text[i] === '\r' || text[i] === '\t') i++;
  return text[i] === ':';
}

function decodeKey(literal: string): string {
  if (!literal.includes('\\')) return literal.slice(1, -1);
  try {
    return String(JSON.parse(literal));
  } catch {
    return literal;
  }
}
