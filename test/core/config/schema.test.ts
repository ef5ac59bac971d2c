import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, sha256 } from '../../../core/config/canonical.js';
import { differences } from '../../../core/config/differences.js';
import { configFileSchema } from '../../../core/config/schema.js';
import { loadValidator } from '../../../core/validation/validator.js';

const FILE = join(__dirname, '../../../schemas/config.schema.json');

describe('schemas/config.schema.json', () => {
  /** `AGENTFORGE_WRITE_SCHEMAS=1 npx jest test/core/config/schema` writes it anew. */
  it('is what the kernel checks', () => {
    const text = `${JSON.stringify(configFileSchema(), null, 2)}\n`;
    if (process.env['AGENTFORGE_WRITE_SCHEMAS'] === '1') writeFileSync(FILE, text);
    expect(JSON.parse(readFileSync(FILE, 'utf8'))).toEqual(JSON.parse(text));
  });

  it.each([
    [{}, true],
    [
      {
        $schema: 'x',
        extends: 'quickstart',
        seed: 1,
        plugins: ['a', ['b', { c: 1 }], { use: './d.ts' }, false, [null, 'e']],
      },
      true,
    ],
    [
      {
        extends: ['a', { seed: 1, extends: 'b' }],
        pipeline: [['p', {}]],
        phases: { p: { steps: 1 } },
        sinks: null,
      },
      true,
    ],
    [{ plugins: [3] }, false],
    [{ seeds: 1 }, false],
    [{ extends: [{ seeds: 1 }] }, false],
    [{ plugins: [{ use: 'a', option: {} }] }, false],
  ])('tells an editor about %j', async (config, valid) => {
    const problems = (await loadValidator()).validate(configFileSchema(), config, { at: '' });
    expect(problems.length === 0).toBe(valid);
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
