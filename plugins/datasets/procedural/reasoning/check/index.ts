import type { DataRecord } from '../../../../../core/contracts/dataset.js';
import { finalAnswer } from '../../../shared/question.js';
import { CUES, STRATEGIES, STRATEGY_TAG, type Family, type Strategy } from '../problem.js';
import { checkArithmetic, checkWordProblem } from './chain.js';
import { checkCode } from './code.js';
import { checkLogic } from './logic.js';
import { checkLookup } from './lookup.js';
import { demand, Flaw, Reader } from './reader.js';
import { checkSequence } from './sequences.js';

type Check = (reader: Reader, question: string, strategy: Strategy) => void;

const CHECKS: Readonly<Record<Family, Check>> = {
  arithmetic: checkArithmetic,
  'word-problems': checkWordProblem,
  logic: checkLogic,
  sequences: checkSequence,
  code: checkCode,
  lookup: checkLookup,
};

/**
 * What is wrong with the trace of a `reasoning` record; null: nothing. Works the question out again from its text and
 * follows the thought beside it, without anything of the generator: tags and their order, every claim, and that the
 * result of the last thought is the answer.
 */
export function checkTrace(record: DataRecord): string | null {
  try {
    demandRight(record);
    return null;
  } catch (error) {
    if (error instanceof Flaw) return error.message;
    throw error;
  }
}

function demandRight({ input = '', output = '', metadata = {} }: DataRecord): void {
  const { family, strategy, trace, answer } = metadata as Readonly<Record<string, string | undefined>>;
  demand(isFamily(family), `${family} is no family`);
  demand(isStrategy(strategy), `${strategy} is no strategy`);
  demand(trace !== undefined, 'it has no trace');
  const asked = /^Question: ([\s\S]*)\nAnswer:$/.exec(input)?.[1];
  const cue = CUES[strategy];
  demand(asked !== undefined && asked.endsWith(cue), `the question does not end in "${cue}"`);
  const reader = new Reader(trace);
  const wanted = STRATEGY_TAG[strategy];
  demand(reader.tags.includes(wanted), `${strategy} needs ${wanted}`);
  CHECKS[family](reader, asked.slice(0, asked.length - cue.length), strategy);
  reader.end();
  demand(answer !== undefined && answer !== '', 'it has no answer');
  demand(resultOf(trace) === answer, `the last result is ${resultOf(trace)}, the answer ${answer}`);
  demand(finalAnswer(output) === answer, `the output is not the answer ${answer}`);
}

function isFamily(name: string | undefined): name is Family {
  return name !== undefined && Object.hasOwn(CHECKS, name);
}

function isStrategy(name: string | undefined): name is Strategy {
  return STRATEGIES.some((strategy) => strategy === name);
}

/** What stands behind the last sign or tag. */
function resultOf(trace: string): string {
  return /[^=>]*$/.exec(trace.slice(0, -'</think>'.length))![0];
}
