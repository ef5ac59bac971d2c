export type { ArmComparison, ArmScores } from './ablation.js';
export {
  theaterAlert,
  THOUGHT_ALERT_LIMITS,
  thoughtAlerts,
  type ThoughtAlert,
  type ThoughtAlertLimits,
} from './alerts.js';
export {
  interveneInTheater,
  THEATER_INTERVENTIONS,
  THEATER_TROUBLE,
  type TheaterAction,
  type TheaterChange,
} from './interventions.js';
export {
  THEATER_ITEMS,
  THEATER_LIMITS,
  THEATER_TESTS,
  V_B_LIMITS,
  type TheaterOptions,
  type TheaterTestName,
} from './limits.js';
export { theaterReport, type TheaterEvidence, type TheaterReport } from './report.js';
export { armsTable } from './table.js';
export type { TheaterTest } from './test-result.js';
export type { CorrectnessPair, UtilityPair } from './tests.js';
