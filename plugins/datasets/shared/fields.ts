import { ForgeError } from '../../../core/errors/index.js';

/** Reads the fields of one record and says at which line of which file one is missing or of the wrong kind. */
export class Fields {
  private readonly fields: Readonly<Record<string, unknown>>;

  /**
   * @param at file and line
   * @param path of the object within the record, ending in a dot; empty for the record itself
   */
  constructor(
    value: unknown,
    readonly at: string,
    private readonly path = '',
  ) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw this.error(path.replace(/\.$/, ''), 'an object', value);
    this.fields = value as Readonly<Record<string, unknown>>;
  }

  string(name: string): string {
    const value = this.get(name);
    if (typeof value !== 'string') throw this.fieldError(name, 'a string', value);
    return value;
  }

  number(name: string): number {
    const value = this.get(name);
    if (typeof value !== 'number') throw this.fieldError(name, 'a number', value);
    return value;
  }

  /** Strings and numbers as text; for fields that files write either way. */
  text(name: string): string {
    const value = this.get(name);
    if (typeof value !== 'string' && typeof value !== 'number')
      throw this.fieldError(name, 'a string or a number', value);
    return String(value);
  }

  strings(name: string): readonly string[] {
    const value = this.get(name);
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
      throw this.fieldError(name, 'a list of strings', value);
    }
    return value as readonly string[];
  }

  object(name: string): Fields {
    return new Fields(this.get(name), this.at, `${this.path}${name}.`);
  }

  objects(name: string): readonly Fields[] {
    const value = this.get(name);
    if (!Array.isArray(value)) throw this.fieldError(name, 'a list of objects', value);
    return value.map((item, index) => new Fields(item, this.at, `${this.path}${name}[${index}].`));
  }

  /** The record itself is wrong in a way of its own. */
  problem(message: string): ForgeError {
    return new ForgeError('AF_DATA_MALFORMED', `${this.at}: ${message}`, {
      at: this.at,
      fix: 'correct the record at this line, or fetch the file again from its source',
    });
  }

  private get(name: string): unknown {
    return Object.hasOwn(this.fields, name) ? this.fields[name] : undefined;
  }

  private fieldError(name: string, expected: string, value: unknown): ForgeError {
    return this.error(`${this.path}${name}`, expected, value);
  }

  private error(field: string, expected: string, value: unknown): ForgeError {
    const what = field === '' ? 'the record' : `field "${field}"`;
    return this.problem(`${what} is ${describe(value)}, expected ${expected}`);
  }
}

function describe(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = written(value);
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}

function written(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    // JSON.parse reads values nested deeper than JSON.stringify can write.
    return 'a value nested too deep';
  }
}
