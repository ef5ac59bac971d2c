import type { DataRecord } from '../../../../core/contracts/dataset.js';
import { gradeText } from '../../shared/grading.js';
import { questionRecord, reasonedAnswer } from '../../shared/question.js';
import type { Draw } from '../../../../nn/random/index.js';
import { defineGenerated } from '../generated.js';
import { choose } from './choose.js';
import { reasoningOptions, type ReasoningOptions } from './options.js';
import { CUES, traceOf } from './problem.js';

export { checkTrace } from './check/index.js';

/**
 * Problems of several steps with a thought that solves them, one grammar for each way of thinking. The answer follows
 * the question at once; the thought, in `metadata.trace`, is what may stand between them.
 */
export const reasoning = defineGenerated({
  name: 'reasoning',
  description: 'Generated problems of several steps, each with a written-out thought that can be checked',
  category: 'math',
  count: 24_000,
  options: reasoningOptions,
  make: toRecord,
  grade: gradeText,
});

function toRecord(draw: Draw, options: ReasoningOptions): DataRecord {
  const { part, family, kind, strategy, range, shape } = choose(draw, options);
  const { question, answer, thoughts, identity } = kind.make(draw, shape, strategy);
  return questionRecord(question + CUES[strategy], reasonedAnswer('', answer), {
    family,
    kind: kind.name,
    strategy,
    part,
    ...(range === null ? {} : { range }),
    trace: traceOf(thoughts),
    depth: String(shape.steps),
    answer,
    group: `reasoning ${family} ${identity}`,
    // What was never seen is for measuring.
    ...(part === 'known' ? {} : { held_out: true }),
  });
}
