import fc from 'fast-check';
import { callIds, callStart, readCall, resultIds, tagId, toolIds } from '../../../nn/tools/index.js';
import { idsOf, toolFacts, toolWords, wordsOf } from '../../support/tool-words.js';

const textIds = fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: toolFacts.most_arguments });
const tags = [...toolIds(toolFacts)];

describe('the grammar of calls', () => {
  test('a call is read back as it was written', () => {
    fc.assert(
      fc.property(fc.constantFrom('calculator', 'search'), textIds, (name, args) => {
        expect(readCall(callIds(toolFacts, name, args), toolFacts)).toEqual({ ok: true, name, args });
      }),
    );
  });

  test('is written as tags, name and text', () => {
    expect(wordsOf(callIds(toolFacts, 'calculator', idsOf('1+2')))).toBe(
      '<|tool|><|calculator|><|args|>1+2<|/tool|>',
    );
    expect(wordsOf(resultIds(toolFacts, { encode: idsOf }, '3'))).toBe('<|result|> 3<|/result|>');
    expect(() => callIds(toolFacts, 'constructor', [])).toThrow('no token names the tool constructor');
    expect(() => tagId({ tags: {} }, '<|tool|>')).toThrow('no id');
  });

  test.each([
    ['', 'unopened'],
    ['1+2', 'unopened'],
    ['<|calculator|><|args|>1<|/tool|>', 'unopened'],
    ['<|args|>1<|/tool|>', 'unopened'],
    ['<|tool|>', 'unnamed'],
    ['<|tool|>1<|args|>1<|/tool|>', 'unnamed'],
    ['<|tool|><|args|>1<|/tool|>', 'unnamed'],
    ['<|tool|><|tool|><|calculator|><|args|>1<|/tool|>', 'unnamed'],
    ['<|tool|><|calculator|>1<|/tool|>', 'no-arguments'],
    ['<|tool|><|calculator|><|/tool|>', 'no-arguments'],
    ['<|tool|><|calculator|><|args|>', 'unclosed'],
    ['<|tool|><|calculator|><|args|>1', 'unclosed'],
    ['<|tool|><|calculator|><|args|>1<|/tool|>2', 'unclosed'],
    ['<|tool|><|calculator|><|args|>1<|args|>2<|/tool|>', 'stray-tag'],
    ['<|tool|><|calculator|><|args|>1<|search|>2<|/tool|>', 'stray-tag'],
    ['<|tool|><|calculator|><|args|>1<|/tool|>2<|/tool|>', 'stray-tag'],
    ['<|tool|><|calculator|><|args|><|result|>2<|/tool|>', 'stray-tag'],
    ['<|tool|><|calculator|><|args|>123456789<|/tool|>', 'too-long'],
  ])('%s is no call: %s', (text, flaw) => {
    expect(readCall(idsOf(text), toolFacts)).toEqual({ ok: false, flaw });
  });

  test('whatever ids are given, what is read is what was written, or nothing', () => {
    const any = fc.array(fc.oneof(fc.constantFrom(...tags), fc.integer({ min: 0, max: 50 })), {
      maxLength: 14,
    });
    fc.assert(
      fc.property(any, (ids) => {
        const read = readCall(ids, toolFacts);
        if (read.ok) expect(callIds(toolFacts, read.name, read.args)).toEqual(ids);
      }),
      { numRuns: 2000 },
    );
  });

  test('a call begins at the first tag or name', () => {
    expect(callStart(idsOf('1+2 <|search|>'), toolFacts)).toBe(4);
    expect(callStart(idsOf('1+2'), toolFacts)).toBe(-1);
  });

  test('text that spells tags is no call', () => {
    const spelt = toolWords.encode('<|tool|>');
    expect(callStart(spelt, toolFacts)).toBe(-1);
  });
});
