import type { Options } from 'ajv';
import { SchemaChecks, type Check, type CheckSettings } from '../../storage/schema-checks.js';
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

/** How configs, options and handoffs are read. */
export function checkSettings(fillDefaults: boolean, draft: 7 | 2020 = 7): CheckSettings {
  return { options: { ...BASE, useDefaults: fillDefaults }, draft };
}

/** A validator that looks up or compiles each schema once. ajv is loaded when a schema must be compiled. */
export function loadValidator(): Promise<Validator> {
  const kinds = new Map<string, SchemaChecks>();
  const checksFor = (schema: object, fillDefaults: boolean): SchemaChecks => {
    const draft = String((schema as { $schema?: unknown }).$schema).includes('2020-12') ? 2020 : 7;
    const key = `${draft}-${fillDefaults}`;
    const checks = kinds.get(key) ?? new SchemaChecks(checkSettings(fillDefaults, draft));
    kinds.set(key, checks);
    return checks;
  };
  return Promise.resolve({
    validate(schema, value, { at, fillDefaults = false }) {
      const check = compile(checksFor(schema, fillDefaults), schema, at);
      return check(value) ? [] : problemsOf(check.errors ?? [], at);
    },
  });
}

function compile(checks: SchemaChecks, schema: object, at: string): Check {
  try {
    // ajv would answer with a promise, which passes for yes.
    if ((schema as { $async?: unknown }).$async === true) throw new TypeError('it is asynchronous');
    return checks.of(schema);
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
