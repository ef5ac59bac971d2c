import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Type } from '@sinclair/typebox';
import { literalModule } from '../../build/literals.js';
import * as config from '../../core/contracts/config-schema.js';

/** What a module of that text exports. */
function evaluated(text: string): unknown {
  const folder = mkdtempSync(join(tmpdir(), 'agentforge-test-'));
  try {
    const file = join(folder, 'module.cjs');
    writeFileSync(file, text.replaceAll(/^export const (\w+) =/gm, 'exports.$1 ='));
    return createRequire(__filename)(file) as unknown;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('literalModule', () => {
  test.each([
    ['the config schema', config],
    [
      'a schema of many kinds',
      { S: Type.Union([Type.Tuple([Type.Null()]), Type.Literal(Infinity), Type.RegExp('a"b')]) },
    ],
  ])('writes %s out, marks of TypeBox included', (_, exports) => {
    expect({ ...(evaluated(literalModule(exports)) as object) }).toStrictEqual({ ...exports });
  });

  test.each([
    ['a function', { f: () => 1 }, /^f is a function/],
    ['an instance', { a: { date: new Date(0) } }, /^a\.date is an instance/],
    ['a private symbol', { a: { [Symbol('mine')]: 1 } }, /^a has a key/],
  ])('refuses %s', (_, exports, message) => {
    expect(() => literalModule(exports)).toThrow(message);
  });
});
