export { acceptance, type Acceptance, type ItemScores } from './acceptance.js';
export {
  nextCycle,
  startCycles,
  withCycle,
  type CycleKind,
  type CycleSettings,
  type CyclesState,
  type NextCycle,
} from './alternation.js';
export {
  validCandidate,
  validCandidates,
  type Candidate,
  type CandidateRefusal,
  type CandidateSettings,
} from './candidate.js';
export {
  dropsAt,
  EMPTY_ANSWERS,
  retentionMatrix,
  withAnswers,
  worstDrop,
  type AnswerMatrix,
  type Drop,
} from './forgetting.js';
export { plateauOf, type CycleScore, type Plateau, type PlateauSettings } from './plateau.js';
export {
  offspring,
  seedBank,
  withEffect,
  type BankedPrompt,
  type BankSettings,
  type OffspringSettings,
  type Prompt,
  type PromptBank,
  type PromptOrigin,
} from './prompt-bank.js';
export { promptKey, wordsOf } from './prompt-text.js';
export { mutate, recombine, type VariationSettings } from './vary-prompt.js';
