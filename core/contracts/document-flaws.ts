/** Keys through which a document could reach into prototypes; refused wherever people or files give records. */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Documents of people are a few levels deep; what goes deeper would exhaust the stack of whoever walks it. */
const DEEPEST = 100;

/** What is wrong with the form of a document, before anybody asks what it means. */
export interface DocumentFlaw {
  /** Keys and indexes that lead to it. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly fix: string;
}

/**
 * Keys that reach into prototypes, values that come from a prototype, records and lists that contain themselves (a
 * YAML alias inside its own anchor), and nesting without end. Every document of the user goes through here: configs,
 * `--set`, recipes. Class instances and functions are not looked into.
 *
 * @param inside what of a record to look into: all of it unless told otherwise (of a plugin, only its options)
 */
export function documentFlaws(
  document: unknown,
  inside: (record: object) => unknown = (record) => record,
): readonly DocumentFlaw[] {
  const flaws: DocumentFlaw[] = [];
  look(document, [], { flaws, inside, above: new Set(), clean: new Set() });
  return flaws;
}

interface Walk {
  readonly flaws: DocumentFlaw[];
  readonly inside: (record: object) => unknown;
  /** What the walk is inside of. */
  readonly above: Set<object>;
  /** What was seen and is in order: something that is named a hundred times is looked at once. */
  readonly clean: Set<object>;
}

function look(value: unknown, path: readonly (string | number)[], walk: Walk): void {
  if (typeof value !== 'object' || value === null || walk.clean.has(value)) return;
  if (walk.above.has(value)) {
    walk.flaws.push({
      path,
      message: 'contains itself',
      fix: 'Write it out, without an alias to what is around it.',
    });
  } else if (path.length > DEEPEST) {
    walk.flaws.push({
      path: path.slice(0, 3),
      message: `is nested more than ${DEEPEST} levels deep`,
      fix: 'Make it flat.',
    });
  } else {
    const before = walk.flaws.length;
    walk.above.add(value);
    lookInto(value, path, walk);
    walk.above.delete(value);
    if (walk.flaws.length === before) walk.clean.add(value);
  }
}

function lookInto(value: object, path: readonly (string | number)[], walk: Walk): void {
  if (Array.isArray(value)) {
    value.forEach((member, index) => look(member, [...path, index], walk));
    return;
  }
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    // `{ __proto__: {...} }` in a module: a prototype that no class made.
    if (!Object.hasOwn(prototype, 'constructor')) walk.flaws.push(forbidden('__proto__', path));
    return;
  }
  const record = walk.inside(value);
  if (record !== value) {
    look(record, path, walk);
    return;
  }
  for (const [key, member] of Object.entries(value)) {
    if (FORBIDDEN_KEYS.has(key)) walk.flaws.push(forbidden(key, path));
    else look(member, [...path, key], walk);
  }
}

function forbidden(key: string, path: readonly (string | number)[]): DocumentFlaw {
  return {
    path: [...path, key],
    message: `"${key}" cannot be a key: it would change how every record behaves`,
    fix: `Remove "${key}", or give it another name.`,
  };
}
