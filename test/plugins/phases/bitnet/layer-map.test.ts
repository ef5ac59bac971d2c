import { ARCHITECTURE, type TensorDescription } from '../../../../core/contracts/architecture.js';
import { COMPRESSOR } from '../../../../core/contracts/compressor.js';
import type { Token } from '../../../../core/contracts/token.js';
import { smallestFormats, type WeightFormats } from '../../../../nn/quantization/index.js';
import { float16, int4, int8, llama, ternary, titansMag } from '../../../../plugins/index.js';
import {
  choicesOf,
  gainNames,
  KEPT,
  pinProblems,
  quantizationOf,
  weightFormats,
} from '../../../../plugins/phases/bitnet/layer-map.js';
import type { BitnetOptions } from '../../../../plugins/phases/bitnet/options.js';
import {
  completeHyperparameters,
  implementationOf,
  tinyLlama,
  tinyTitansMag,
} from '../../../../testing/index.js';
import { completeOptions } from './support.js';

let tensors: readonly TensorDescription[];
/** Of a model without an output head of its own. */
let tied: readonly TensorDescription[];
let formats: WeightFormats;
let options: BitnetOptions['formats'];
beforeAll(async () => {
  const titans = await implementationOf(ARCHITECTURE, titansMag());
  tensors = titans.describe(await completeHyperparameters(titans, tinyTitansMag()));
  const other = await implementationOf(ARCHITECTURE, llama());
  tied = other.describe(await completeHyperparameters(other, tinyLlama({ tiedHead: true })));
  options = (await completeOptions()).formats;
  const codecs = {
    ternary: await implementationOf(COMPRESSOR, ternary()),
    int4: await implementationOf(COMPRESSOR, int4()),
    int8: await implementationOf(COMPRESSOR, int8()),
    float16: await implementationOf(COMPRESSOR, float16()),
  };
  const resolve = <T>(_: Token<T>, name: string): T => codecs[name as keyof typeof codecs] as T;
  formats = weightFormats({ resolve }, options);
});

/** Formats a tensor may have. */
const ladderOf = (changes: Partial<BitnetOptions['formats']>, name: string): readonly string[] =>
  choicesOf(tensors, formats, { ...options, ...changes })
    .find(({ tensor }) => tensor.name === name)!
    .options.map(({ format }) => format);

describe('formats of the tensors of a model', () => {
  it('are those that were named, and half floats', () => {
    expect(Object.keys(formats).sort()).toEqual([KEPT, 'int4', 'int8', 'ternary']);
  });

  it('linear matrices have the ladder, tables their own, gates and vectors stay', () => {
    expect(ladderOf({}, 'layers.0.ffn.down')).toEqual(['ternary', 'int4', 'int8', 'float16']);
    expect(ladderOf({}, 'embedding.table')).toEqual(['int8']);
    expect(ladderOf({ tables: 'float16' }, 'embedding.table')).toEqual(['float16']);
    const gate = tensors.find(({ role, shape }) => role === 'gate' && shape.length === 2)!;
    expect(ladderOf({}, gate.name)).toEqual([KEPT]);
    const vector = tensors.find(({ shape }) => shape.length === 1)!;
    expect(ladderOf({}, vector.name)).toEqual([KEPT]);
  });

  it('a name goes before a pattern, a pattern before a role, the last pattern before the first', () => {
    const pins = {
      'ffn-down': 'int8',
      'layers.*': 'float16',
      'layers.1.*': 'int4',
      'layers.0.ffn.down': 'ternary',
    };
    expect(ladderOf({ pins: { 'ffn-down': 'int8' } }, 'layers.1.ffn.down')).toEqual(['int8']);
    expect(ladderOf({ pins }, 'layers.1.ffn.down')).toEqual(['int4']);
    expect(ladderOf({ pins }, 'layers.0.ffn.down')).toEqual(['ternary']);
    expect(ladderOf({ pins: { embedding: 'int4' } }, 'embedding.table')).toEqual(['int4']);
  });

  it('what is too small stays, unless every size is allowed', () => {
    const small = tensors.find(({ linear, shape, role }) => linear === true && role !== 'gate' && shape[0]! * shape[1]! <= 128)!; // prettier-ignore
    expect(ladderOf({ smallest: 129 }, small.name)).toEqual([KEPT]);
    expect(ladderOf({ smallest: 1 }, small.name)[0]).toBe('ternary');
  });

  it('pins that name nothing are told; a head that the model does not have is none of them', () => {
    expect(pinProblems(tied, formats, options)).toEqual([]);
    expect(pinProblems(tied, formats, { ...options, pins: { 'output-head': 'int8' } })).toHaveLength(1);
    const [problem] = pinProblems(tensors, formats, { ...options, pins: { 'layers.0.ffn.dwn': 'int8' } });
    expect(problem).toMatchObject({
      at: 'phases.bitnet.formats.pins.layers.0.ffn.dwn',
      suggestion: 'layers.0.ffn.down',
    });
    expect(() => choicesOf(tensors, formats, { ...options, pins: { nothing: 'int8' } })).toThrow(
      expect.objectContaining({ code: 'AF_CONFIG_INVALID' }) as Error,
    );
  });
});

describe('the quantization of the latents', () => {
  it('has every tensor in the first format of its ladder, and no word of what stays', () => {
    const names = smallestFormats(choicesOf(tensors, formats, options));
    const quantization = quantizationOf(tensors, names, formats, options);
    expect(quantization).toMatchObject({ weights: 'latent', activations: 'int8', epsilon: 1e-5 });
    expect(quantization.formats['layers.0.ffn.down']).toEqual({ use: 'ternary' });
    expect(quantization.formats['embedding.table']).toEqual({ use: 'int8' });
    const kept = Object.entries(names).flatMap(([name, format]) => (format === KEPT ? [name] : []));
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.filter((name) => quantization.formats[name] !== undefined)).toEqual([]);
  });

  it('has a norm before each linear matrix of the roles that get one', () => {
    const names = smallestFormats(choicesOf(tensors, formats, options));
    const { norms } = quantizationOf(tensors, names, formats, options);
    const roles = norms.map((name) => tensors.find((tensor) => tensor.name === name)!.role);
    expect(new Set(roles)).toEqual(new Set(['attention-output', 'ffn-down']));
    expect(gainNames({ norms: ['a', 'b'] })).toEqual(['a.subln', 'b.subln']);
    const without = quantizationOf(tensors, names, formats, { ...options, norms: [] });
    expect(without.norms).toEqual([]);
  });
});
