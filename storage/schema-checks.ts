import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Ajv, ErrorObject, Options } from 'ajv';
import type standaloneCode from 'ajv/dist/standalone/index.js';

/** A compiled JSON Schema. It may fill in defaults; what it found wrong it leaves in `errors`. */
export interface Check {
  (value: unknown): boolean;
  errors?: readonly ErrorObject[] | null;
}

/** How schemas are read: ajv's options as plain data, and the schemas that others refer to by their `$id`. */
export interface CheckSettings {
  readonly options: Options;
  readonly shared?: readonly object[];
  /** Draft of JSON Schema; 7 unless told otherwise. */
  readonly draft?: 7 | 2020;
}

/** Where the build puts the checks of the schemas of this package: beside the compiled sources. The sources find them there, too. */
const BUILT = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../dist/checks/' : '../checks/', import.meta.url),
);

/** Loads CommonJS at once: a schema is checked in the middle of things, and ajv is loaded when the first one must be compiled. */
const load = createRequire(import.meta.url);

/**
 * The checks of schemas that are read in one way. The build has compiled the schemas of this package (`build/`): theirs
 * are found by content, take a millisecond and need no ajv. Every other schema, and every schema where nothing was built,
 * is compiled by ajv now, to the same code.
 */
export class SchemaChecks {
  private readonly known = new WeakMap<object, Check>();
  private compiler: Ajv | null = null;

  constructor(
    private readonly settings: CheckSettings,
    private readonly built = BUILT,
  ) {}

  /** @throws Error of ajv when the schema is none */
  of(schema: object): Check {
    const known = this.known.get(schema) ?? this.find(schema) ?? this.compile(schema);
    this.known.set(schema, known);
    return known;
  }

  /** The module that the build writes for a schema, and the name under which it is found. */
  module(schema: object): { readonly name: string; readonly code: string } {
    const write = load('ajv/dist/standalone') as { readonly default: typeof standaloneCode.default };
    const ajv = newCompiler({
      ...this.settings,
      options: { ...this.settings.options, code: { source: true } },
    });
    return { name: this.nameOf(schema), code: write.default(ajv, ajv.compile(schema)) };
  }

  private find(schema: object): Check | null {
    if (!existsSync(this.built)) return null;
    const file = this.built + this.nameOf(schema);
    return existsSync(file) ? (load(file) as Check) : null;
  }

  private nameOf(schema: object): string {
    const text = JSON.stringify([this.settings, schema]);
    return `${createHash('sha256').update(text).digest('hex').slice(0, 32)}.cjs`;
  }

  private compile(schema: object): Check {
    this.compiler ??= newCompiler(this.settings);
    return this.compiler.compile(schema) as Check;
  }
}

function newCompiler({ options, shared = [], draft = 7 }: CheckSettings): Ajv {
  const { default: addFormats } = load('ajv-formats') as { readonly default: (compiler: Ajv) => Ajv };
  return addFormats(new (constructorOf(draft))({ ...options, schemas: [...shared] }));
}

function constructorOf(draft: 7 | 2020): typeof Ajv {
  if (draft === 7) return (load('ajv') as { readonly Ajv: typeof Ajv }).Ajv;
  return (load('ajv/dist/2020.js') as { readonly Ajv2020: typeof Ajv }).Ajv2020;
}
