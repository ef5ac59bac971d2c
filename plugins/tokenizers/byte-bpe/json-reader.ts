import { ForgeError } from '../../../core/errors/index.js';

/** Reads a parsed JSON value and turns everything unexpected into AF_TOKENIZER_FORMAT with the path to it. */
export class JsonReader {
  constructor(
    private readonly value: unknown,
    private readonly path: string,
  ) {}

  static parse(text: string, name: string): JsonReader {
    try {
      return new JsonReader(JSON.parse(text), name);
    } catch (cause) {
      throw formatError(name, `not JSON: ${(cause as Error).message}`, cause);
    }
  }

  /** Present and not null. */
  get isPresent(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  get isText(): boolean {
    return typeof this.value === 'string';
  }

  field(name: string): JsonReader {
    const fields = this.object();
    return new JsonReader(Object.hasOwn(fields, name) ? fields[name] : undefined, `${this.path}.${name}`);
  }

  object(): Readonly<Record<string, unknown>> {
    if (typeof this.value === 'object' && this.value !== null && !Array.isArray(this.value)) {
      return this.value as Readonly<Record<string, unknown>>;
    }
    throw this.expected('an object');
  }

  array(): readonly JsonReader[] {
    if (!Array.isArray(this.value)) throw this.expected('an array');
    return this.value.map((item: unknown, index) => new JsonReader(item, `${this.path}[${index}]`));
  }

  string(): string {
    if (typeof this.value !== 'string') throw this.expected('a string');
    return this.value;
  }

  /** A token id: a whole number >= 0. */
  id(): number {
    if (!Number.isSafeInteger(this.value) || (this.value as number) < 0)
      throw this.expected('a whole number >= 0');
    return this.value as number;
  }

  optionalBoolean(fallback: boolean): boolean {
    if (!this.isPresent) return fallback;
    if (typeof this.value !== 'boolean') throw this.expected('true or false');
    return this.value;
  }

  /** For features that are not read: absent, null, false, 0 and '' are fine, anything else is an error. */
  mustBeOff(): void {
    if (this.isPresent && this.value !== false && this.value !== 0 && this.value !== '') {
      throw this.error(`${JSON.stringify(this.value)} is not supported`);
    }
  }

  error(message: string, cause?: unknown): ForgeError {
    return formatError(this.path, message, cause);
  }

  private expected(what: string): ForgeError {
    return this.error(`expected ${what}, found ${describe(this.value)}`);
  }
}

function formatError(at: string, message: string, cause?: unknown): ForgeError {
  return new ForgeError('AF_TOKENIZER_FORMAT', `${at}: ${message}`, {
    at,
    fix: 'give a Hugging Face tokenizer.json of a byte-level BPE (model.type "BPE", pre_tokenizer ByteLevel)',
    cause,
  });
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return JSON.stringify(value);
}
