import { loadHandoffSchema } from '../../../core/contracts/handoff-schema.js';
import { loadValidator } from '../../../core/validation/validator.js';
import { ForgeError } from '../../../core/errors/index.js';
import { decodeJson } from '../../../core/contracts/json-numbers.js';
import {
  handoffOfBitnet,
  handoffOfChampion,
  handoffOfCognate,
  handoffOfCurriculum,
  handoffOfThinker,
} from '../../schemas/support/handoffs.js';
import type { DocumentKind } from '../kind.js';
import { mutateBytes, mutateJson } from '../mutate.js';

const HANDOFFS = [
  { schema: 'cognate-to-evomerge', document: handoffOfCognate() },
  { schema: 'evomerge-to-quietstar', document: handoffOfChampion() },
  { schema: 'quietstar-to-bitnet', document: handoffOfThinker() },
  { schema: 'bitnet-to-curriculum', document: handoffOfBitnet() },
  { schema: 'curriculum-to-baking', document: handoffOfCurriculum() },
] as const;

/** What one phase hands to the next: misspelt keys and scalars of another type are refused by the schema. */
export const handoff: DocumentKind = {
  name: 'handoff',
  open: async () => {
    const validator = await loadValidator();
    const schemas = HANDOFFS.map(({ schema }) => loadHandoffSchema(schema));
    return async (random) => {
      const which = random.integer(HANDOFFS.length);
      const { document, flaw } = mutateJson(HANDOFFS[which]!.document, random, isStrict);
      const isBroken = random.uniform() < 0.2;
      const text = Buffer.from(JSON.stringify(document));
      const bytes = isBroken ? mutateBytes(text, random) : text;
      return {
        bytes,
        read: async () => {
          const value = parse(new TextDecoder().decode(bytes));
          const [problem] = validator.validate(schemas[which]!, value, { at: 'handoff' });
          if (problem !== undefined)
            throw new ForgeError('AF_HANDOFF_INVALID', problem.message, { at: problem.at });
          return value;
        },
        whyWrong: () => (isBroken ? null : flaw),
      };
    };
  },
};

/** Facts are measurements of a phase; names of models, tags, purposes of tokens and hyper-parameters are free. */
function isStrict(path: string): boolean {
  return !/(^facts|hyperparameters|attributes|metrics|sidecars|artifacts|tags|special_tokens)\b/.test(path);
}

/** As documents are read from the store. */
function parse(text: string): unknown {
  try {
    return decodeJson(text);
  } catch (cause) {
    throw new ForgeError('AF_ARTIFACT_CORRUPT', 'The stored document is not JSON.', { cause });
  }
}
