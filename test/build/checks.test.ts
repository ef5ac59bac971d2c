import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type } from '@sinclair/typebox';
import { checkModules, ownSchemas } from '../../build/checks.js';
import { NoOptions, pathOption } from '../../core/contracts/options.js';
import { checkSettings } from '../../core/validation/validator.js';
import { clonePlain } from '../../core/validation/plain.js';
import { SchemaChecks, type CheckSettings } from '../../storage/schema-checks.js';

/** Written below the repository, so that what the build writes finds ajv's functions as it does in `dist/`. */
const ROOT = join(__dirname, '../..');

let folder: string;
beforeAll(() => {
  mkdirSync(join(ROOT, 'coverage'), { recursive: true });
  folder = mkdtempSync(join(ROOT, 'coverage/checks-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The two ways to the same check: written by the build, and compiled now. */
function both(settings: CheckSettings, schema: object): readonly [built: SchemaChecks, now: SchemaChecks] {
  const { name, code } = new SchemaChecks(settings).module(schema);
  writeFileSync(join(folder, name), code);
  return [new SchemaChecks(settings, `${folder}/`), new SchemaChecks(settings, '/nowhere/')];
}

/** Values near a schema: what its defaults make of nothing, and each member wrong in turn. */
function valuesFor(schema: object): readonly unknown[] {
  const { properties = {} } = schema as { readonly properties?: Readonly<Record<string, unknown>> };
  const wrong = [null, -1, 1.5, 'text', '', [], {}, true, { use: 3 }];
  const members = Object.keys(properties).flatMap((key) => wrong.map((value) => ({ [key]: value })));
  return [{}, { nothingLikeIt: 1 }, ...wrong, ...members];
}

interface Verdict {
  readonly valid: boolean;
  readonly value: unknown;
  readonly errors: unknown;
}

function verdict(checks: SchemaChecks, schema: object, value: unknown): Verdict {
  const given = clonePlain(value);
  const check = checks.of(schema);
  const valid = check(given);
  return { valid, value: given, errors: valid ? null : JSON.parse(JSON.stringify(check.errors)) };
}

describe('the checks that the build writes', () => {
  test('give the verdicts, the errors and the defaults that ajv gives now, for every schema of the package', async () => {
    let invalid = 0;
    for (const { settings, schemas } of await ownSchemas(join(ROOT, 'schemas/handoff'))) {
      for (const schema of schemas) {
        const [built, now] = both(settings, schema);
        for (const value of valuesFor(schema)) {
          const expected = verdict(now, schema, value);
          expect(verdict(built, schema, value)).toEqual(expected);
          if (!expected.valid) invalid += 1;
        }
      }
    }
    expect(invalid).toBeGreaterThan(1000);
  });

  test('are used when they are there', () => {
    const schema = { type: 'integer' };
    const { name } = new SchemaChecks(checkSettings(false)).module(schema);
    writeFileSync(join(folder, name), 'module.exports = () => true;');
    expect(new SchemaChecks(checkSettings(false), `${folder}/`).of(schema)('text')).toBe(true);
    expect(new SchemaChecks(checkSettings(true), `${folder}/`).of(schema)('text')).toBe(false);
    expect(new SchemaChecks(checkSettings(false), `${folder}/`).of({ type: 'number' })('text')).toBe(false);
  });

  test('have names of their own, one for each schema and way of reading it', async () => {
    const groups = await ownSchemas(join(ROOT, 'schemas/handoff'));
    const distinct = groups.map(
      ({ schemas }) => new Set(schemas.map((schema) => JSON.stringify(schema))).size,
    );
    expect(checkModules(groups).size).toBe(distinct.reduce((sum, count) => sum + count));
  });
});

describe('schemas that are made without TypeBox', () => {
  test('are those that TypeBox makes', () => {
    expect(NoOptions).toStrictEqual(Type.Object({}, { additionalProperties: false }));
    const { relativeTo, ...path } = pathOption({ description: 'd' }) as unknown as Record<string, unknown>;
    expect(relativeTo).toBe('config');
    expect(path).toStrictEqual(Type.String({ minLength: 1, description: 'd' }));
  });
});
