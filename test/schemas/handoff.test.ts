import { PHASE } from '../../core/contracts/phase.js';
import { loadValidator } from '../../core/validation/validator.js';
import { evomerge } from '../../plugins/phases/evomerge/index.js';
import { implementationOf } from '../../testing/index.js';
import { Ajv, type ValidateFunction } from 'ajv';
import { loadHandoffSchema } from '../../core/contracts/handoff-schema.js';
import { loadSchema } from '../../core/contracts/load-schema.js';
import {
  compared,
  handoffOfBaking as baked,
  handoffOfBitnet as ternaryModel,
  handoffOfChampion as champion,
  handoffOfCognate as cognateModels,
  handoffOfCurriculum as forged,
  handoffOfThinker as thinker,
  model,
} from './support/handoffs.js';

/** A copy with the value at a path of keys replaced; `undefined` removes it. */
function changed(document: object, path: readonly (string | number)[], value: unknown): unknown {
  const copy: unknown = structuredClone(document);
  let at = copy as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>;
  const last = path[path.length - 1]!;
  if (value === undefined) Reflect.deleteProperty(at, last);
  else at[last] = value;
  return copy;
}

// One validator for all, as a kernel has, and every schema twice, as the phases on both sides of a handoff would:
// nothing may collide.
const ajv = new Ajv({ allErrors: true });
const NAMES = [
  ...['envelope', 'cognate-to-evomerge', 'evomerge-to-quietstar', 'quietstar-to-bitnet'],
  ...['bitnet-to-curriculum', 'curriculum-to-baking', 'baking-to-experts'],
];
const validators: Record<string, ValidateFunction> = Object.fromEntries(
  [...NAMES, ...NAMES].map((name) => [name, ajv.compile(loadHandoffSchema(name))]),
);

function problems(name: string, document: unknown): string[] {
  const validate = validators[name]!;
  return validate(document)
    ? []
    : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
}

const metadata = ['models', 0, 'metadata'] as const;

describe('cognate to evomerge', () => {
  test('three specialists with base and fisher pass, also as a bare envelope', () => {
    expect(problems('cognate-to-evomerge', cognateModels())).toEqual([]);
    expect(problems('envelope', cognateModels())).toEqual([]);
  });

  test.each<[string, readonly (string | number)[], unknown, string]>([
    ['another schema id', ['schema'], 'agentforge:handoff/other@1', '/schema'],
    ['no base', ['artifacts'], {}, '/artifacts'],
    ['no fisher', ['models', 1, 'sidecars'], {}, '/models/1/sidecars'],
    ['no tokenizer', ['models', 0, 'tokenizer'], null, '/models/0/tokenizer'],
    [
      'no specialisation',
      [...metadata, 'specialization'],
      null,
      '/models/0/metadata/specialization',
    ],
    ['a NaN loss', [...metadata, 'metrics', 'final_loss'], NaN, '/models/0/metadata/metrics/final_loss'],
    [
      'an infinite loss',
      [...metadata, 'metrics', 'final_loss'],
      Infinity,
      '/models/0/metadata/metrics/final_loss',
    ],
    ['a null loss', [...metadata, 'metrics', 'final_loss'], null, '/models/0/metadata/metrics/final_loss'],
    ['no loss', [...metadata, 'metrics', 'final_loss'], undefined, '/models/0/metadata/metrics'],
    ['a fractional seed', [...metadata, 'seed'], 4.2, '/models/0/metadata/seed'],
    ['no parameters', [...metadata, 'parameters'], 0, '/models/0/metadata/parameters'],
    ['no trunk', [...metadata, 'attributes', 'trunk_id'], undefined, '/models/0/metadata/attributes'],
    ['quantised weights', [...metadata, 'format'], 'ternary', '/models/0/metadata/format'],
    ['a bad hash', ['models', 0, 'weights', 'sha256'], 'xyz', '/models/0/weights/sha256'],
    ['a path in a name', ['artifacts', 'base', 'name'], '../base', '/artifacts/base/name'],
    ['an unknown key', ['extra'], 1, ' must NOT have additional properties'],
    ['an unknown metadata key', [...metadata, 'extra'], 1, '/models/0/metadata must NOT'],
    ['a text metric', [...metadata, 'metrics', 'note'], 'good', '/models/0/metadata/metrics/note'],
    ['no date', ['created_at'], 'yesterday', '/created_at'],
  ])('%s is refused, and the place is named', (_, path, value, where) => {
    expect(problems('cognate-to-evomerge', changed(cognateModels(), path, value)).join('\n')).toContain(
      where,
    );
  });

  test('one model and many pass, none does not; what merges takes two', async () => {
    const { models } = cognateModels();
    const handoff = (some: readonly object[]): object => ({ ...cognateModels(), models: some });
    expect(problems('cognate-to-evomerge', handoff(models.slice(2)))).toEqual([]);
    expect(problems('cognate-to-evomerge', handoff([...models, model('fast', 1)]))).toEqual([]);
    expect(problems('cognate-to-evomerge', handoff([]))).toContain('/models must NOT have fewer than 1 items');
    const { input } = await implementationOf(PHASE, evomerge());
    const validator = await loadValidator();
    const found = validator.validate(input!, handoff(models.slice(2)), { at: '' });
    expect(found.map(({ at }) => at)).toEqual(['models']);
  });
});

describe('evomerge to quietstar', () => {
  test('one champion with its facts passes', () => {
    expect(problems('evomerge-to-quietstar', champion())).toEqual([]);
  });

  test.each<[string, readonly (string | number)[], unknown, string]>([
    ['no fitness', ['facts', 'fitness'], undefined, '/facts must have required property'],
    ['a NaN fitness', ['facts', 'fitness'], NaN, '/facts/fitness'],
    ['no technique', ['facts', 'merge_technique'], '', '/facts/merge_technique'],
    ['a ninth combination', ['facts', 'combo_id'], 8, '/facts/combo_id'],
    ['no parents', ['facts', 'parents'], [], '/facts/parents'],
    [
      'two champions',
      ['models'],
      [model('reasoning', 1), model('reasoning', 2)],
      '/models must NOT have more',
    ],
    ['no tokenizer', ['models', 0, 'tokenizer'], null, '/models/0/tokenizer'],
  ])('%s is refused, and the place is named', (_, path, value, where) => {
    expect(problems('evomerge-to-quietstar', changed(champion(), path, value)).join('\n')).toContain(where);
  });
});

describe('quietstar to bitnet', () => {
  test('one thinker with its facts passes, also one whose tests failed', () => {
    expect(problems('quietstar-to-bitnet', thinker())).toEqual([]);
    const unmeasured = ['baking_accuracy', 'accuracy_improvement', 'coherence_score', 'validity_rate'];
    for (const fact of [...unmeasured, 'step_2'])
      expect(problems('quietstar-to-bitnet', changed(thinker(), ['facts', fact], null))).toEqual([]);
  });

  test.each<[string, readonly (string | number)[], unknown, string]>([
    ['no anti-theater tests', ['facts', 'anti_theater'], undefined, '/facts must have required property'],
    ['no verdict of them', ['facts', 'anti_theater', 'all_passed'], undefined, '/facts/anti_theater must have'],
    ['a verdict in words', ['facts', 'anti_theater', 'all_passed'], 'yes', '/facts/anti_theater/all_passed'],
    ['an empty list of tests', ['facts', 'anti_theater', 'tests'], [], '/facts/anti_theater/tests'],
    ['seven tags', ['facts', 'thinking_tokens', '<doubt>'], undefined, '/facts/thinking_tokens must NOT have fewer'],
    ['no tag that opens a thought', ['facts', 'thinking_tokens', '<think>'], undefined, '/facts/thinking_tokens'],
    ['no coherence', ['facts', 'coherence_score'], undefined, '/facts must have required property'],
    ['no validity', ['facts', 'validity_rate'], undefined, '/facts must have required property'],
    ['an accuracy above 1', ['facts', 'accuracy_with_thoughts'], 1.5, '/facts/accuracy_with_thoughts'],
    ['a NaN accuracy', ['facts', 'baking_accuracy'], NaN, '/facts/baking_accuracy'],
    ['no threshold', ['facts', 'thoughts', 'threshold'], undefined, '/facts/thoughts'],
    ['no reference', ['facts', 'reference_sha256'], 'baked', '/facts/reference_sha256'],
    ['no scorer', ['models', 0, 'sidecars', 'scorer'], undefined, '/models/0/sidecars'],
    ['a model that does not say how it thinks', [...metadata, 'thoughts'], undefined, '/models/0/metadata'],
    ['two thinkers', ['models'], [model('a', 1), model('b', 2)], '/models must NOT have more'],
    ['no tokenizer', ['models', 0, 'tokenizer'], null, '/models/0/tokenizer'],
  ])('%s is refused, and the place is named', (_, path, value, where) => {
    expect(problems('quietstar-to-bitnet', changed(thinker(), path, value)).join('\n')).toContain(where);
  });
});

describe('bitnet to curriculum', () => {
  const name = 'bitnet-to-curriculum';
  const quantized = ['facts', 'quantization_metadata'] as const;

  test('latents, codes and half floats with their facts pass, also where little was measured', () => {
    expect(problems(name, ternaryModel())).toEqual([]);
    expect(problems('envelope', ternaryModel())).toEqual([]);
    const unmeasured = ['accuracy_retention', 'dequantization_accuracy', 'gradient_flow_passed', 'sparsity'];
    for (const fact of [...unmeasured, 'speedup'])
      expect(problems(name, changed(ternaryModel(), ['facts', fact], null))).toEqual([]);
    for (const path of [['perplexity', 'recovered'], ['accuracy', 'before'], ['accuracy', 'after']])
      expect(problems(name, changed(ternaryModel(), ['facts', ...path], null))).toEqual([]);
    expect(problems(name, changed(ternaryModel(), ['facts', 'misses'], []))).toEqual([]);
    // Nothing was trained.
    const state = ['models', 0, 'sidecars', 'training_state'];
    expect(problems(name, changed(ternaryModel(), state, undefined))).toEqual([]);
  });

  test.each<[string, readonly (string | number)[], unknown, string]>([
    ['codes alone', ['models'], [ternaryModel().models[1]], '/models must NOT have fewer'],
    ['four forms', ['models'], [...ternaryModel().models, ternaryModel().models[0]], '/models must NOT have more'],
    ['codes before latents', ['models'], [...ternaryModel().models].reverse(), '/models/0'],
    ['latents without a layer map', ['models', 0, 'sidecars', 'layer_map'], undefined, '/models/0/sidecars'],
    ['latents that are said to be applied', ['models', 0, 'config', 'quantization', 'weights'], 'applied', '/models/0/config/quantization/weights'],
    ['codes that would be quantised again', ['models', 1, 'config', 'quantization', 'weights'], 'latent', '/models/1/config/quantization/weights'],
    ['half floats that would be', ['models', 2, 'config', 'quantization', 'weights'], 'latent', '/models/2/config/quantization/weights'],
    ['a model that is not quantised', ['models', 1, 'config', 'quantization'], undefined, '/models/1/config'],
    ['latents in half floats', ['models', 0, 'metadata', 'format'], 'fp16', '/models/0/metadata/format'],
    ['codes that are floats', ['models', 1, 'metadata', 'format'], 'fp32', '/models/1/metadata/format'],
    ['a twin in codes', ['models', 2, 'metadata', 'format'], 'ternary', '/models/2/metadata/format'],
    ['no tokenizer', ['models', 2, 'tokenizer'], null, '/models/2/tokenizer'],
    ['no bytes', ['facts', 'compression', 'bytes_after'], 0, '/facts/compression/bytes_after'],
    ['a ratio of nothing', ['facts', 'compression', 'ratio'], 0, '/facts/compression/ratio'],
    ['a NaN perplexity', ['facts', 'perplexity', 'after'], NaN, '/facts/perplexity/after'],
    ['an accuracy above 1', ['facts', 'accuracy', 'after'], 1.5, '/facts/accuracy/after'],
    ['zeros above 1', ['facts', 'sparsity'], 1.01, '/facts/sparsity'],
    ['no agreement', ['facts', 'dequantization_accuracy'], undefined, '/facts must have required property'],
    ['gradients in words', ['facts', 'gradient_flow_passed'], 'yes', '/facts/gradient_flow_passed'],
    ['no tests of thoughts', ['facts', 'anti_theater', 'tests'], [], '/facts/anti_theater/tests'],
    ['seven tags', ['facts', 'thinking_tokens', '<doubt>'], undefined, '/facts/thinking_tokens must NOT have fewer'],
    ['no threshold', ['facts', 'thoughts', 'threshold'], undefined, '/facts/thoughts'],
    ['another rounding', [...quantized, 'rounding'], 'half-up', '/facts/quantization_metadata/rounding'],
    ['inputs in four bits', [...quantized, 'activations'], 'int4', '/facts/quantization_metadata/activations'],
    ['no layer', [...quantized, 'layers'], [], '/facts/quantization_metadata/layers'],
    ['a layer without format', [...quantized, 'layers', 0, 'format'], undefined, '/facts/quantization_metadata/layers/0'],
    ['a layer of fewer than no bytes', [...quantized, 'layers', 0, 'bytes'], -1, '/facts/quantization_metadata/layers/0/bytes'],
    ['a miss without its target', ['facts', 'misses', 0, 'target'], undefined, '/facts/misses/0'],
  ])('%s: refused, and the place is named', (_, path, value, where) => {
    expect(problems(name, changed(ternaryModel(), path, value)).join('\n')).toContain(where);
  });
});

describe('curriculum to baking', () => {
  const name = 'curriculum-to-baking';
  const facts = (...path: readonly (string | number)[]) => ['facts', ...path] as const;
  const calculator = facts('tools', 'success', 'calculator');

  test('a forged model in three forms passes, also where a wall ended it and little was measured', () => {
    expect(problems(name, forged())).toEqual([]);
    expect(problems('envelope', forged())).toEqual([]);
    const unmeasured = [
      ...[facts('final_accuracy'), facts('assessment', 'accuracy'), facts('retention', 'forgetting')],
      ...[facts('accuracy', 'before'), facts('accuracy', 'after'), facts('accuracy', 'without')],
      ...[facts('tools', 'false_calls'), [...calculator, 'with_manual'], facts('levels', 0, 'after')],
    ];
    for (const path of unmeasured) expect(problems(name, changed(forged(), path, null))).toEqual([]);
  });

  test('no tools, no levels and no misses pass, and a report of what the filter is worth', () => {
    const untaught = { facts: null, success: {}, false_calls: null };
    expect(problems(name, changed(forged(), facts('tools'), untaught))).toEqual([]);
    for (const list of ['levels', 'misses', 'baked_prompts'])
      expect(problems(name, changed(forged(), facts(list), []))).toEqual([]);
    expect(problems(name, changed(forged(), facts('speedup_report'), compared()))).toEqual([]);
    for (const verdict of ['below_range', 'saturated'])
      expect(problems(name, changed(forged(), facts('assessment', 'verdict'), verdict))).toEqual([]);
    for (const outcome of ['accuracy', 'mastered', 'epochs', 'items-left', 'hard-wall', 'not-reached'])
      expect(problems(name, changed(forged(), facts('levels', 1, 'outcome'), outcome))).toEqual([]);
  });

  test.each<[string, readonly (string | number)[], unknown, string]>([
    ['codes alone', ['models'], [forged().models[1]], '/models must NOT have fewer'],
    ['codes before latents', ['models'], [...forged().models].reverse(), '/models/0'],
    ['latents without a layer map', ['models', 0, 'sidecars', 'layer_map'], undefined, '/models/0/sidecars'],
    ['codes that would be quantised again', ['models', 1, 'config', 'quantization', 'weights'], 'latent', '/models/1/config/quantization/weights'],
    ['a twin in codes', ['models', 2, 'metadata', 'format'], 'ternary', '/models/2/metadata/format'],
    ['a model of nowhere', facts('ternary'), undefined, '/facts must have required property'],
    ['no final loss', facts('final_loss'), null, '/facts/final_loss'],
    ['an accuracy above 1', facts('final_accuracy'), 1.01, '/facts/final_accuracy'],
    ['a verdict of its own', facts('assessment', 'verdict'), 'good', '/facts/assessment/verdict'],
    ['a baseline of 0', facts('assessment', 'baseline'), 0, '/facts/assessment/baseline'],
    ['a level 0', facts('levels', 0, 'level'), 0, '/facts/levels/0/level'],
    ['a difficulty above 100', facts('levels', 2, 'difficulty'), 101, '/facts/levels/2/difficulty'],
    ['half an epoch', facts('levels', 0, 'epochs'), 0.5, '/facts/levels/0/epochs'],
    ['a level that ended otherwise', facts('levels', 0, 'outcome'), 'bored', '/facts/levels/0/outcome'],
    ['an eighth stage', facts('stages_completed'), 8, '/facts/stages_completed'],
    ['half a level', facts('levels_completed'), 1.5, '/facts/levels_completed'],
    ['a matrix of words', facts('retention', 'accuracy', 0, 0), 'all', '/facts/retention/accuracy/0/0'],
    ['a matrix that is a list', facts('retention', 'accuracy', 0), 0.9, '/facts/retention/accuracy/0'],
    ['grokking in words', facts('grokking', 'detected'), 'yes', '/facts/grokking/detected'],
    ['another verdict on a level', facts('grokking', 'levels', 0, 'verdict'), 'late', '/facts/grokking/levels/0/verdict'],
    ['no report and no reason', facts('speedup_report', 'reason'), undefined, '/facts/speedup_report must have required property'],
    ['an arm without a curve', facts('speedup_report'), changed(compared(), ['report', 'arms', 0, 'curve'], undefined), '/facts/speedup_report/report/arms/0'],
    ['time that was not saved, and no reason', facts('speedup_report'), changed(compared(), ['report', 'arms', 1, 'reason'], undefined), '/facts/speedup_report/report/arms/1'],
    ['one arm beside itself', facts('speedup_report'), changed(compared(), ['report', 'arms'], compared().report.arms.slice(1)), '/facts/speedup_report/report/arms must NOT have fewer'],
    ['tools without marks', facts('tools', 'facts', 'tags', '<|tool|>'), undefined, '/facts/tools/facts/tags'],
    ['a tool without a control', [...calculator, 'without_manual'], undefined, '/facts/tools/success/calculator'],
    ['a tool of no count', [...calculator, 'items'], null, '/facts/tools/success/calculator/items'],
    ['calls above 1', facts('tools', 'false_calls'), 2, '/facts/tools/false_calls'],
    ['a NaN perplexity', facts('perplexity', 'after'), NaN, '/facts/perplexity/after'],
    ['no bytes', facts('compression', 'bytes_after'), 0, '/facts/compression/bytes_after'],
    ['no tests of thoughts', facts('anti_theater', 'tests'), [], '/facts/anti_theater/tests'],
    ['seven tags', facts('thinking_tokens', '<doubt>'), undefined, '/facts/thinking_tokens must NOT have fewer'],
    ['no threshold', facts('thoughts', 'threshold'), undefined, '/facts/thoughts'],
    ['another rounding', facts('quantization_metadata', 'rounding'), 'half-up', '/facts/quantization_metadata/rounding'],
    ['a prompt baked twice', facts('baked_prompts'), ['values', 'values'], '/facts/baked_prompts'],
    ['a miss without its target', facts('misses', 0, 'target'), undefined, '/facts/misses/0'],
  ])('%s: refused, and the place is named', (_, path, value, where) => {
    expect(problems(name, changed(forged(), path, value)).join('\n')).toContain(where);
  });
});

test('a handoff of one kind is not taken for another', () => {
  expect(problems('curriculum-to-baking', ternaryModel())).not.toEqual([]);
  expect(problems('bitnet-to-curriculum', forged())).not.toEqual([]);
  expect(problems('bitnet-to-curriculum', thinker())).not.toEqual([]);
  expect(problems('quietstar-to-bitnet', ternaryModel())).not.toEqual([]);
  expect(problems('quietstar-to-bitnet', champion())).not.toEqual([]);
  expect(problems('cognate-to-evomerge', champion())).not.toEqual([]);
  expect(problems('evomerge-to-quietstar', cognateModels())).not.toEqual([]);
});

test('the metadata schema stands alone', () => {
  const validate = new Ajv().compile(loadSchema('model-metadata.schema.json'));
  expect(validate(model('reasoning', 42).metadata)).toBe(true);
  expect(validate({ ...model('reasoning', 42).metadata, bytes_on_disk: '4096' })).toBe(false);
});

describe('baking to experts', () => {
  test('three forms with their facts pass, also where nothing was timed or no tool was taught', () => {
    expect(problems('baking-to-experts', baked())).toEqual([]);
    for (const path of [['latency'], ['tools', 'facts'], ['tool_success_rate'], ['persona_consistency']])
      expect(problems('baking-to-experts', changed(baked(), ['facts', ...path], null))).toEqual([]);
  });

  test.each<[string, readonly (string | number)[], unknown, string]>([
    ['no ledger', ['ledger'], undefined, '/facts must have required property'],
    ['an entry without its prompts', ['ledger', 0, 'prompts'], undefined, '/facts/ledger/0 must have'],
    ['an entry without its subjects', ['ledger', 0, 'subjects'], undefined, '/facts/ledger/0 must have'],
    ['a subject that is none', ['ledger', 0, 'subjects'], [''], '/facts/ledger/0/subjects/0'],
    ['another kind', ['ledger', 0, 'kind'], 'wish', '/facts/ledger/0/kind'],
    ['success above all', ['tools', 'success', 'calculator', 'baked'], 1.1, '/facts/tools/success/calculator/baked'],
    ['another way to switch', ['personas', 'switching'], 'will', '/facts/personas/switching'],
    ['no table of the teacher check', ['teacher_check', 'tools'], undefined, '/facts/teacher_check must have'],
    ['a plateau in words', ['cycles', 'a_plateau'], 'yes', '/facts/cycles/a_plateau'],
    ['no false calls', ['false_call_rate'], undefined, '/facts must have required property'],
  ])('%s is refused, and the place is named', (_, path, value, where) => {
    expect(problems('baking-to-experts', changed(baked(), ['facts', ...path], value)).join('\n')).toContain(where);
  });
});
