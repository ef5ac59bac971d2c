import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { canonicalJson, sha256 } from '../../../core/config/canonical.js';
import { differences } from '../../../core/config/differences.js';
import { configFileSchema } from '../../../core/config/file-schema.js';
import type { AnyPluginFactory } from '../../../core/contracts/index.js';
import { BUILTIN_PLUGINS } from '../../../plugins/catalogue.js';
import { loadValidator, type Validator } from '../../../core/validation/validator.js';

const FILE = join(__dirname, '../../../schemas/config.schema.json');

async function describedPlugins() {
  const factories = await Promise.all(BUILTIN_PLUGINS.map(({ load }) => load() as Promise<AnyPluginFactory>));
  return factories.map(({ pluginName: name, description, provides, optionsSchema }) => {
    return { name, description, provides, optionsSchema };
  });
}

describe('schemas/config.schema.json', () => {
  let schema: ReturnType<typeof configFileSchema>;
  let validator: Validator;
  beforeAll(async () => {
    schema = configFileSchema(await describedPlugins());
    validator = await loadValidator();
  });

  /** `AGENTFORGE_WRITE_SCHEMAS=1 npx jest test/core/config/schema` writes it anew. */
  it('is made of the schema of the config and those of the built-in plugins', () => {
    const text = `${JSON.stringify(schema, null, 1)}\n`;
    if (process.env['AGENTFORGE_WRITE_SCHEMAS'] === '1') writeFileSync(FILE, text);
    expect(JSON.parse(readFileSync(FILE, 'utf8'))).toEqual(JSON.parse(text));
  });

  it('is a JSON Schema that any validator takes', () => {
    const ajv = new Ajv({ strict: false, allErrors: true });
    expect(ajv.validateSchema(schema as object)).toBe(true);
    expect(ajv.compile(schema as object)({})).toBe(true);
  });

  it.each([
    {},
    {
      $schema: './node_modules/agentforge/schemas/config.schema.json',
      extends: 'quickstart',
      seed: 1,
      plugins: ['a', ['b', { c: 1 }], { use: './d.ts' }, false, [null, 'e']],
    },
    {
      extends: ['a', { seed: 1, extends: 'b' }],
      pipeline: [['p', {}]],
      phases: { p: { steps: 1 } },
      sinks: null,
    },
    { phases: { cognate: { maxSteps: 5, training: { rows: 2 } }, 'my-phase': { any: 'thing' } } },
    { options: { ties: { density: 0.3 }, 'my-plugin': { any: 'thing' } }, engine: 'tfjs' },
    {
      plugins: [['ties', { density: 0.3 }], { use: 'dare', options: { density: 0.3 } }, ['./x.ts', { y: 1 }]],
    },
    { phases: { cognate: { optimizer: { use: 'adamw', options: { learningRate: 0.1 } } } } },
    { phases: { cognate: { optimizer: { use: 'lion', options: { any: 'thing' } } } } },
    { phases: { cognate: { optimizer: { options: { preset: 'phase1' } } } } },
  ])('an editor has nothing against %j', (config) => {
    expect(validator.validate(schema, config, { at: '' })).toEqual([]);
  });

  it.each([
    { plugins: [3] },
    { seeds: 1 },
    { extends: [{ seeds: 1 }] },
    { plugins: [{ use: 'a', option: {} }] },
    { phases: { cognate: { maxStepz: 5 } } },
    { phases: { cognate: { training: { rowz: 5 } } } },
    { options: { ties: { densityy: 1 } } },
    { plugins: [['ties', { densityy: 1 }]] },
    { plugins: [['ties', { densityy: 1 }], 'a'] },
    { pipeline: [{ use: 'cognate', options: { maxStepz: 5 } }] },
    { phases: { cognate: { optimizer: { use: 'adamw', options: { learningRte: 0.1 } } } } },
    { phases: { cognate: { optimizer: { options: { learningRate: 0.1 } } } } },
  ])('an editor underlines something in %j', (config) => {
    expect(validator.validate(schema, config, { at: '' })).not.toEqual([]);
  });

  it('offers names, descriptions and defaults', () => {
    const { $defs, properties } = schema as {
      $defs: Record<string, { description: string; properties: Record<string, object> }>;
      properties: Record<string, { properties: object; anyOf: object }>;
    };
    expect(Object.keys(properties['phases']!.properties)).toEqual([
      ...['baking', 'cognate', 'evomerge', 'bitnet', 'curriculum', 'quietstar'],
    ]);
    expect(properties['engine']!.anyOf).toContainEqual({ enum: ['onnxruntime', 'tfjs'] });
    expect($defs['cognate']!.properties['maxSteps']).toEqual({
      type: 'integer',
      minimum: 2,
      default: 100_000,
      description: 'Updates per model, trunk included.',
    });
    expect($defs['ties']!.description).toMatch(/agree in sign/);
  });

  it('leaves options open whose schema refers to itself', () => {
    const optionsSchema = { type: 'object', properties: { a: { $ref: '#/definitions/b' } } };
    const made = configFileSchema([{ name: 'own', provides: [], optionsSchema }]) as { $defs: object };
    expect(made.$defs).toMatchObject({ own: { type: 'object' } });
    expect(JSON.stringify(made)).not.toContain('definitions');
  });
});

describe('canonical JSON', () => {
  it('does not depend on the order of keys, and tells values apart', () => {
    expect(canonicalJson({ b: [1, { d: 1, c: undefined }], a: null })).toBe('{"a":null,"b":[1,{"d":1}]}');
    expect(canonicalJson({ f: () => 1 })).toBe(canonicalJson({ f: () => 1 }));
    expect(canonicalJson({ f: () => 1 })).not.toBe(canonicalJson({ f: () => 2 }));
    expect(canonicalJson([NaN, 2n, new Date(0)])).toBe('["NaN","2n","[Date]"]');
  });

  it('is hashed with sha256', () => {
    expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});

it('differences are listed by path', () => {
  const before = { a: { b: 1, same: [1] }, list: [1, 2], gone: true };
  const now = { a: { b: 2, same: [1] }, list: [1, 3], new: 'x' };
  expect(differences(before, now)).toEqual([
    { at: 'a.b', before: '1', now: '2' },
    { at: 'list', before: '"1, 2"', now: '"1, 3"' },
    { at: 'gone', before: 'true', now: 'nothing' },
    { at: 'new', before: 'nothing', now: '"x"' },
  ]);
});
