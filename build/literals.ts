/**
 * A module that exports the same plain data, written out. The schemas that every command reads are made with TypeBox,
 * which takes longer to load than the command takes to answer; what is made is data, and the build writes it down.
 *
 * @throws TypeError naming the export that is no plain data
 */
export function literalModule(exports: Readonly<Record<string, unknown>>): string {
  const lines = Object.entries(exports).map(
    ([name, value]) => `export const ${name} = ${literal(value, name)};\n`,
  );
  return lines.join('');
}

function literal(value: unknown, at: string): string {
  if (Array.isArray(value)) return `[${value.map((member, i) => literal(member, `${at}[${i}]`)).join(', ')}]`;
  if (typeof value === 'object' && value !== null) return record(value, at);
  if (value === undefined || typeof value === 'number') return String(value);
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return JSON.stringify(value);
  throw new TypeError(`${at} is a ${typeof value}: it cannot be written out.`);
}

function record(value: object, at: string): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw new TypeError(`${at} is an instance of a class: it cannot be written out.`);
  const members = Reflect.ownKeys(value).map((key) => {
    const member: unknown = Reflect.get(value, key);
    return `${keyOf(key, at)}: ${literal(member, `${at}.${String(key)}`)}`;
  });
  return `{ ${members.join(', ')} }`;
}

/** TypeBox marks its schemas by symbols that everybody can have by name. */
function keyOf(key: string | symbol, at: string): string {
  if (typeof key === 'string') return JSON.stringify(key);
  const name = Symbol.keyFor(key);
  if (name === undefined) throw new TypeError(`${at} has a key that cannot be written out.`);
  return `[Symbol.for(${JSON.stringify(name)})]`;
}
