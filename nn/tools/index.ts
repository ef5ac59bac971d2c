export {
  callIds,
  callStart,
  readCall,
  resultIds,
  tagId,
  toolIds,
  type CallFlaw,
  type CallGrammar,
  type ReadCall,
} from './grammar.js';
export {
  DEFAULT_TOOL_LIMITS,
  resultText,
  ToolRuntime,
  type CallFailure,
  type CallOutcome,
  type ToolCounts,
} from './runtime.js';
