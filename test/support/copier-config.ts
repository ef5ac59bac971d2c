/**
 * A config whose phase registers a model that answers rightly what it can look up in what it reads: of a question with an
 * expression in parentheses it writes a call of the calculator with that expression, copied token by token, and then copies
 * the result. Without a tool it says "ok", as the persona `loud` "OK"; to a question with "~" it says "ha" without an end.
 * Every token is one byte.
 *
 * @param has what its record says: `tools` and `personas` (`loud` and `terse`); `baked`: that it needs no manual, and was taught
 * conversations of two turns
 */
export function copierConfig({
  tools = true,
  personas = true,
  contextLength = 512,
  baked = false,
} = {}): string {
  return `
import * as tf from ${JSON.stringify(require.resolve('@tensorflow/tfjs'))};
import {
  ARCHITECTURE, defineArchitecture, defineConfig, definePhase, personaTag, TOKENIZER, TOOL_TAGS, toolNameTag, Type,
} from 'agentforge';
import { models as parts } from 'agentforge/nn';
import { storeTokenizer } from 'agentforge/phases';

const Ids = Type.Object({
  vocabularySize: Type.Integer(), contextLength: Type.Integer(), ids: Type.Record(Type.String(), Type.Integer()),
}, { additionalProperties: false });

const copier = defineArchitecture({
  name: 'copier',
  create: () => ({
    configSchema: Ids,
    contextLength: ({ contextLength }) => contextLength,
    vocabularySize: ({ vocabularySize }) => vocabularySize,
    attentions: () => [],
    describe: ({ vocabularySize }) =>
      ['embedding', 'output-head'].map((role) => ({
        name: role, role, shape: [vocabularySize, vocabularySize], init: { kind: 'normal', std: 1 },
      })),
    forward: ({ ids: known }, params, { ids }, { select } = {}) => {
      const [rows, length] = ids.shape;
      const flat = tf.reshape(ids, [rows * length]);
      const number = (value) => tf.scalar(value, 'int32');
      const last = select === undefined ? tf.fill([rows], length - 1, 'int32') : select;
      const starts = tf.range(0, rows * length, length, 'int32');
      const places = tf.tile(tf.reshape(tf.range(0, length, 1, 'int32'), [1, length]), [rows, 1]);
      const read = tf.lessEqual(places, tf.reshape(last, [rows, 1]));
      const at = (place) => tf.gather(flat, tf.add(starts, tf.clipByValue(place, 0, length - 1).cast('int32')));
      // Where a token stands last in what was read; -1: nowhere.
      const latest = (name) => {
        const there = tf.logicalAnd(tf.equal(ids, number(known[name] ?? -1)), read).cast('int32');
        return tf.sub(tf.max(tf.mul(there, tf.add(places, number(1))), 1), number(1));
      };
      const is = (token, name) => tf.equal(token, number(known[name] ?? -1));
      const say = (name) => tf.fill([rows], known[name] ?? known.eos, 'int32');
      const choose = (condition, yes, no) => tf.where(condition, yes, no);
      const current = at(last);
      const asked = latest('Q');
      const cue = latest(':');
      const open = latest('(');
      const [args, called, told, result] = ['args', 'call-end', 'result-end', 'result'].map(latest);
      // The token as far behind a mark as the current one is behind another.
      const behind = (mark, other) => at(tf.add(tf.add(mark, tf.sub(last, other)), number(1)));
      const argument = behind(open, args);
      const copied = behind(result, told);
      const hasTool = known.tool !== undefined;
      const sums = hasTool ? tf.greater(open, asked) : tf.less(last, number(0));
      const laughs = tf.greater(latest('~'), asked);
      const loud = tf.greater(latest('loud'), number(-1));
      const ok = choose(is(current, ':'), choose(loud, say('O'), say('o')),
        choose(is(current, 'o'), say('k'), choose(is(current, 'O'), say('K'), say('eos'))));
      const ha = choose(is(current, 'h'), say('a'), choose(is(current, 'a'), say(' '), say('h')));
      const talk = choose(laughs, ha, ok);
      const calling = choose(is(current, ':'), say('tool'), choose(is(current, 'tool'), say('name'), say('args')));
      const inArgs = tf.logicalAnd(tf.greater(args, cue), tf.lessEqual(called, args));
      const inAnswer = tf.greater(told, cue);
      const next = choose(sums,
        choose(inAnswer, choose(is(copied, 'result-end'), say('eos'), copied),
          choose(inArgs, choose(is(argument, ')'), say('call-end'), argument), calling)),
        talk);
      const features = tf.gather(params['embedding'], next);
      const width = features.shape[1];
      return {
        features: tf.reshape(features, [1, rows, 1, width]), head: params['output-head'],
        halting: [], hidden: [], peaks: [], statistics: {},
      };
    },
  }),
});

const writer = definePhase({
  name: 'writer',
  create: () => ({
    title: 'Writer', input: null, output: null, metrics: [], gates: [],
    run: async (ctx) => {
      const trained = await ctx.resolve(TOKENIZER, 'byte-bpe').train(['the cat'], { vocabularySize: 261 });
      const name = toolNameTag('calculator');
      const [loud, terse] = ['loud', 'terse'].map(personaTag);
      const tags = [...(${tools} ? [...TOOL_TAGS, name] : []), ...(${personas} ? [loud, terse] : [])];
      const tokenizer = tags.length === 0 ? trained : trained.extend(tags);
      const facts = parts.tokenizerFacts('byte-bpe', trained);
      const { ref } = await storeTokenizer(ctx, { tokenizer, facts });
      const vocabularySize = tokenizer.vocabularySize;
      const letters = Object.fromEntries([...'Q:()~ohkOKa '].map((letter) => [letter, tokenizer.encode(letter)[0]]));
      const of = (tag) => tokenizer.extended.get(tag);
      const marks = ${tools} ? {
        tool: of('<|tool|>'), args: of('<|args|>'), 'call-end': of('<|/tool|>'), result: of('<|result|>'),
        'result-end': of('<|/result|>'), name: of(name),
      } : {};
      const ids = { ...letters, ...marks, ...(${personas} && { loud: of(loud) }), eos: tokenizer.special.eos };
      const same = Float32Array.from(
        { length: vocabularySize ** 2 }, (_, i) => (i % (vocabularySize + 1) === 0 ? 5 : 0),
      );
      const tensor = { shape: [vocabularySize, vocabularySize], dtype: 'float32', data: same };
      const weights = await ctx.store.putTensors('model.safetensors', { embedding: tensor, 'output-head': tensor });
      const id = 'copier_' + ctx.sessionId;
      const model = {
        id, name: 'copier', weights, tokenizer: ref, sidecars: {},
        config: { architecture: 'copier', hyperparameters: { vocabularySize, contextLength: ${contextLength}, ids } },
        metadata: {
          schema_version: 2, model_id: id, session_id: ctx.sessionId, phase_name: 'writer', model_name: 'copier',
          created_at: new Date().toISOString(), parameters: 2 * vocabularySize ** 2, size_mb: 1, bytes_on_disk: weights.bytes,
          sha256: weights.sha256, format: 'fp32', specialization: null, tags: [], parent_model_ids: [],
          config_hash: ctx.configHash, seed: ctx.seed, tokenizer_sha256: ref.sha256, ...facts, vocab_size: vocabularySize,
          halting: null, data: null, metrics: {}, attributes: {},
          ...(${tools} && { tools: {
            tags: Object.fromEntries(TOOL_TAGS.map((tag) => [tag, of(tag)])), names: { calculator: of(name) },
            most_arguments: 24, most_calls: 2, ...(${baked} && { unprompted: ['calculator'] }),
          } }),
          ...(${personas} && { personas: { tags: { loud: of(loud), terse: of(terse) }, ...(${baked} && { turns: 2 }) } }),
        },
      };
      return { models: [model], metrics: {}, gates: [], handoff: null, warnings: [] };
    },
  }),
});

export default defineConfig({ plugins: [copier()], pipeline: [writer()] });
`;
}
