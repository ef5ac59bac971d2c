import { TOKENIZER } from '../../../core/contracts/tokenizer.js';
import { byteBpe } from '../../../plugins/tokenizers/index.js';
import { implementationOf, tokenizerConformance } from '../../../testing/index.js';

describe('byte-bpe conforms', () => {
  for (const { name, run } of tokenizerConformance(() => implementationOf(TOKENIZER, byteBpe())))
    test(name, run);
});
