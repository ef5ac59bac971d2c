import { createRequire } from 'node:module';
import type { Ajv, Options, ValidateFunction } from 'ajv';
import { ForgeError, type Problem } from '../errors/index.js';
import { messageOf } from '../errors/message-of.js';
import { problemsOf } from './problems.js';

export interface ValidateOptions {
  /** Config path of the value, put before the path inside it; `` for none. */
  readonly at: string;
  /** Fill `default` values into the value itself. */
  readonly fillDefaults?: boolean;
}

/** JSON Schema validation (ajv, drafts 7 and 2020-12) that answers with problems a person can act on. */
export interface Validator {
  /**
   * All problems of `value`; none when it is valid.
   * @throws ForgeError AF_SCHEMA_INVALID when the schema itself is not one
   */
  validate(schema: object, value: unknown, options: ValidateOptions): Problem[];
}

type Compiler = Pick<Ajv, 'compile'>;

const BASE: Options = {
  allErrors: true,
  verbose: true,
  strict: false,
  addUsedSchema: false,
  messages: true,
  logger: false,
  // Checking schemas against their own schema costs every start 30 ms; compiling finds what matters.
  validateSchema: false,
};

/** Loads ajv; nothing of it is reached before. */
export async function loadValidator(): Promise<Validator> {
  const [{ Ajv: Draft7 }, formats] = await Promise.all([import('ajv'), import('ajv-formats')]);
  const addFormats = formats.default as unknown as (compiler: Compiler) => Compiler;
  const kinds = new Map<string, Compiler>();
  const compilerFor = (schema: object, fillDefaults: boolean): Compiler => {
    const modern = String((schema as { $schema?: unknown }).$schema).includes('2020-12');
    const key = `${modern}-${fillDefaults}`;
    const known = kinds.get(key);
    if (known !== undefined) return known;
    const settings: Options = { ...BASE, useDefaults: fillDefaults };
    const made = addFormats(modern ? newDraft2020(settings) : new Draft7(settings));
    kinds.set(key, made);
    return made;
  };
  return {
    validate(schema, value, { at, fillDefaults = false }) {
      const check = compile(compilerFor(schema, fillDefaults), schema, at);
      return check(value) ? [] : problemsOf(check.errors ?? [], at);
    },
  };
}

/** Few schemas are of this draft: it is loaded when the first one is met. */
function newDraft2020(settings: Options): Compiler {
  const load = createRequire(import.meta.url);
  const { Ajv2020 } = load('ajv/dist/2020.js') as { readonly Ajv2020: new (settings: Options) => Compiler };
  return new Ajv2020(settings);
}

function compile(compiler: Compiler, schema: object, at: string): ValidateFunction {
  try {
    // ajv would answer with a promise, which passes for yes.
    if ((schema as { $async?: unknown }).$async === true) throw new TypeError('it is asynchronous');
    return compiler.compile(schema);
  } catch (cause) {
    throw new ForgeError(
      'AF_SCHEMA_INVALID',
      `The JSON Schema for ${at} cannot be used: ${messageOf(cause)}`,
      {
        at,
        cause,
        fix: 'Mend the schema of the plugin; JSON Schema drafts 7 and 2020-12 are understood.',
      },
    );
  }
}
