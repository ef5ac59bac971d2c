import type { PlanContext, RecordContext, StoreContext } from '../../../../core/contracts/phase.js';
import { TOKENIZER } from '../../../../core/contracts/tokenizer.js';
import { tokenizerFacts } from '../../../../nn/models/index.js';
import type { OwnTokenizer } from '../model/open.js';
import type { TokenizerOptions } from '../options.js';

/**
 * Train a tokenizer and store it.
 * @param texts of the training split alone
 * @throws ForgeError AF_TOKENIZER_CORPUS
 */
export async function trainTokenizer(
  ctx: Pick<PlanContext, 'resolve'> & Pick<RecordContext, 'progress'> & Pick<StoreContext, 'store'>,
  { kind, vocabularySize, maxCharacters }: TokenizerOptions,
  texts: Iterable<string>,
): Promise<OwnTokenizer> {
  const onProgress = (fraction: number): void =>
    ctx.progress({
      ...{ task: 'tokenizer', done: Math.round(fraction * 100), total: 100, unit: '%', values: {} },
      etaSeconds: null,
    });
  const corpus = limited(texts, maxCharacters);
  const tokenizer = await ctx.resolve(TOKENIZER, kind).train(corpus, { vocabularySize, onProgress });
  const ref = await ctx.store.put('tokenizer.json', tokenizer.serialize());
  return { tokenizer, ref, facts: tokenizerFacts(kind, tokenizer) };
}

function* limited(texts: Iterable<string>, maxCharacters: number): Iterable<string> {
  let characters = 0;
  for (const text of texts) {
    if (characters >= maxCharacters) return;
    characters += text.length;
    yield text;
  }
}
