import { Type, type TSchema } from '@sinclair/typebox';
import { withDefault } from '../../../../core/contracts/options.js';
import { clonePlain } from '../../../../core/validation/plain.js';
import { loadValidator } from '../../../../core/validation/validator.js';
import { BitnetOptions } from '../../../../plugins/phases/bitnet/options.js';
import { CurriculumOptions } from '../../../../plugins/phases/curriculum/options.js';
import { QuietstarOptions } from '../../../../plugins/phases/quietstar/options.js';
import { withDefaults } from '../../../../plugins/phases/shared/options.js';

const Block = Type.Object(
  { rows: withDefault(Type.Integer(), 16), length: withDefault(Type.Integer(), 512) },
  { additionalProperties: false },
);

async function filled(schema: TSchema, value: unknown): Promise<unknown> {
  const options = clonePlain(value);
  const problems = (await loadValidator()).validate(schema, options, { at: '', fillDefaults: true });
  expect(problems).toEqual([]);
  return options;
}

test('what is left out of a block has the default that the block was given', async () => {
  const Options = Type.Object({ training: withDefaults(Block, { rows: 2 }) });
  expect(await filled(Options, {})).toEqual({ training: { rows: 2, length: 512 } });
  expect(await filled(Options, { training: { length: 64 } })).toEqual({ training: { rows: 2, length: 64 } });
  // The block itself is as it was.
  expect(await filled(Type.Object({ training: withDefault(Block, {} as never) }), {})).toEqual({
    training: { rows: 16, length: 512 },
  });
});

/** Blocks with a default as a whole whose options have defaults of their own: the first option that is given undoes it. */
function lost(schema: TSchema, at: string): string[] {
  const properties = Object.entries((schema['properties'] ?? {}) as Record<string, TSchema>);
  const whole = (schema['default'] ?? {}) as object;
  const own = properties.filter(([name, option]) => name in whole && 'default' in option);
  const isTrap = own.some(([name, option]) => {
    return JSON.stringify(option['default']) !== JSON.stringify((whole as Record<string, unknown>)[name]);
  });
  return [...(isTrap ? [at] : []), ...properties.flatMap(([name, option]) => lost(option, `${at}.${name}`))];
}

test.each([
  ['quietstar', QuietstarOptions],
  ['bitnet', BitnetOptions],
  ['curriculum', CurriculumOptions],
])('%s: no block of training loses its defaults with the first option that is given', (name, schema) => {
  // An optimizer is named with its options: they go together.
  expect(lost(schema, name).filter((at) => !at.endsWith('.optimizer'))).toEqual([]);
});
