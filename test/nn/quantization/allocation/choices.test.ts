import { ARCHITECTURE } from '../../../../core/contracts/architecture.js';
import {
  capProblems,
  choiceProblems,
  formatChoices,
  groupsOf,
  leastBytes,
  pinOf,
  requireCap,
  type FormatRules,
} from '../../../../nn/quantization/index.js';
import { titansMag } from '../../../../plugins/index.js';
import { completeHyperparameters, implementationOf } from '../../../../testing/index.js';
import { fakeFormats, matrix, MODEL } from './fake-formats.js';

const AT = 'phases.bitnet.formats';
const choose = (rules: FormatRules = {}) => formatChoices(MODEL, fakeFormats, rules, AT);
const byName = (rules: FormatRules = {}) =>
  new Map(choose(rules).map((choice) => [choice.tensor.name, choice]));
const formatsOf = (name: string, rules: FormatRules = {}) =>
  byName(rules)
    .get(name)!
    .options.map(({ format }) => format);

test('linear matrices have the ladder; what is no matrix, small or of a kept role has one format, and says why', () => {
  const choices = byName();
  expect(formatsOf('layers.0.query')).toEqual(['ternary', 'int4', 'int8', 'float16']);
  expect(choices.get('layers.0.query')!.options.map(({ bytes }) => bytes)).toEqual([1024, 2048, 4096, 8192]);
  expect(formatsOf('layers.0.key')).toEqual(['float16']);
  expect(choices.get('layers.0.key')!.reason).toBe('too small: 1,024 weights, fewer than 4,096');
  expect(choices.get('table')!.reason).toBe('not a matrix of a linear layer');
  expect(choices.get('mixer')!.reason).toBe('gate is kept');
  expect(formatsOf('layers.0.key', { smallest: 1024 })).toHaveLength(4);
  expect(formatsOf('norm', { kept: 'int8' })).toEqual(['int8']);
  expect(formatsOf('layers.1.down', { ladder: ['int4', 'int8'] })).toEqual(['int4', 'int8']);
});

test('pins: a name goes before a pattern, that before a role, and the last of two patterns counts', () => {
  const pins = {
    'layers.0.query': 'int8',
    'layers.*': 'float16',
    '*.down': 'int4',
    'ffn-down': 'int8',
    embedding: 'int4',
    gate: 'ternary',
  };
  expect(formatsOf('layers.0.query', { pins })).toEqual(['int8']);
  expect(formatsOf('layers.1.query', { pins })).toEqual(['float16']);
  expect(formatsOf('layers.1.down', { pins })).toEqual(['int4']);
  expect(formatsOf('table', { pins })).toEqual(['int4']);
  expect(formatsOf('mixer', { pins })).toEqual(['ternary']);
  expect(byName({ pins }).get('table')!.reason).toBe('asked for by embedding');
  expect(pinOf(MODEL[1]!, { layers: 'int8' })).toBeNull();
  // Dots are dots.
  expect(pinOf(MODEL[1]!, { 'layersX*': 'int8' })).toBeNull();
});

test('pins that name nothing are refused with the nearest name, all of them at once', () => {
  const pins = { 'layers.0.qury': 'int8', embeding: 'int8', 'blocks.*': 'int8', gate: 'int3', table: 'int8' };
  const problems = choiceProblems(MODEL, fakeFormats, { pins }, AT);
  expect(problems.map(({ at, suggestion }) => [at, suggestion])).toEqual([
    [`${AT}.layers.0.qury`, 'layers.0.query'],
    [`${AT}.embeding`, 'embedding'],
    [`${AT}.blocks.*`, undefined],
    [`${AT}.gate`, 'int4'],
  ]);
  expect(() => choose({ pins })).toThrow('did you mean "layers.0.query"?');
  expect(() => choose({ pins })).toThrow(expect.objectContaining({ code: 'AF_CONFIG_INVALID' }) as Error);
});

test('a small tensor that is asked for by its own name is refused, by a role or pattern it stays as it is', () => {
  expect(() => choose({ pins: { norm: 'ternary' } })).toThrow('too small to be held in ternary');
  expect(choose({ pins: { 'layers.0.key': 'float16' } })).toHaveLength(MODEL.length);
  expect(formatsOf('layers.0.key', { pins: { 'layers.0.*': 'int8' } })).toEqual(['float16']);
  // The role of that name, not only the tensor.
  expect(formatsOf('layers.0.key', { pins: { 'attention-key': 'int8' } })).toEqual(['float16']);
});

test('a codec that cannot tell its size is asked to compress zeros', () => {
  const { bytes: _, ...compressor } = fakeFormats['int8']!.compressor;
  const formats = { ...fakeFormats, int8: { format: { use: 'int8' }, compressor } };
  const [choice] = formatChoices([matrix('m', 'ffn-up', [64, 64])], formats, { ladder: ['int8'] }, AT);
  expect(choice!.options[0]!.bytes).toBe(4 * 64 * 64);
});

test('a cap that cannot be met names the least size, the cap and the largest shares', () => {
  const choices = choose();
  const least = leastBytes(choices);
  expect(capProblems(choices, { bytes: least + 100, overhead: 100 }, 'size')).toEqual([]);
  const [problem] = capProblems(choices, { bytes: least + 99, overhead: 100 }, 'size');
  expect(problem).toMatchObject({
    at: 'size',
    expected: `at least ${(least + 100).toLocaleString('en-US')} bytes`,
    found: (least + 99).toLocaleString('en-US'),
  });
  const share = ((100 * 32768) / (least + 100)).toFixed(1);
  expect(problem!.message).toContain(`table in float16 32,768 (${share} %)`);
  expect(() => requireCap(choices, { bytes: 10 }, 'size')).toThrow(
    expect.objectContaining({ code: 'AF_CONFIG_INVALID' }) as Error,
  );
});

test('groups of titans-mag: by block what reads, what writes, and what all blocks share', async () => {
  const architecture = await implementationOf(ARCHITECTURE, titansMag());
  const config = await completeHyperparameters(architecture, architecture.sizes!['tiny']!);
  const linear = architecture.describe(config).filter((tensor) => tensor.linear === true);
  const groups = groupsOf(linear);
  expect(groups.flatMap(({ tensors }) => tensors).sort()).toEqual(linear.map(({ name }) => name).sort());
  expect(groups.map(({ name }) => name)).toEqual([
    ...[0, 1].flatMap((layer) =>
      ['attention in', 'attention output', 'memory', 'ffn in', 'ffn down'].map(
        (kind) => `layer ${layer} ${kind}`,
      ),
    ),
    'gate',
    'attention in',
    'attention output',
    'recursion',
  ]);
  expect(groups[0]!.tensors).toEqual([
    'layers.0.attention.query',
    'layers.0.attention.key',
    'layers.0.attention.value',
  ]);
  expect(groups.at(-1)!.layer).toBeNull();
});
