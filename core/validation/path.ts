const PLAIN_KEY = /^[A-Za-z_$][\w$-]*$/;

/** `phases` + `cognate` -> `phases.cognate`; indexes and odd keys go in brackets: `plugins[0]`, `x["a.b"]`. */
export function joinPath(base: string, key: string | number): string {
  if (typeof key === 'number' || /^\d+$/.test(key)) return `${base}[${key}]`;
  if (!PLAIN_KEY.test(key)) return `${base}[${JSON.stringify(key)}]`;
  return base === '' ? key : `${base}.${key}`;
}

/** A JSON pointer (`/phases/cognate/0`) below `base`, written as a config path. */
export function fromPointer(base: string, pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce(joinPath, base);
}

/**
 * The keys of a config path: `phases.cognate["a.b"][0]` -> `phases`, `cognate`, `a.b`, `0`.
 * @returns null when it is not a path
 */
export function parsePath(path: string): string[] | null {
  const keys: string[] = [];
  const part = /(?:^|\.)([^.[\]"]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y;
  while (part.lastIndex < path.length) {
    const match = part.exec(path);
    const key = match === null ? null : match[3] === undefined ? (match[1] ?? match[2]!) : unquoted(match[3]);
    if (key === null) return null;
    keys.push(key);
  }
  return keys.length === 0 ? null : keys;
}

/** A quoted key; null when its escapes are none of JSON's. */
function unquoted(text: string): string | null {
  try {
    return JSON.parse(text) as string;
  } catch {
    return null;
  }
}

/** The path above one: `phases.cognate["a.b"]` -> `phases.cognate`; empty above a path of one key. */
export function parentPath(path: string): string {
  return path.replace(/(?:\["(?:[^"\\]|\\.)*"\]|\[\d+\]|\.?[^.[\]]+)$/, '');
}
