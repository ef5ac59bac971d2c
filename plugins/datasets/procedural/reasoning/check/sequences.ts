import type { Strategy } from '../problem.js';
import { equation, opposite, signed } from './equation.js';
import { demand, type Reader } from './reader.js';

/** The rule is found from the terms: two differences in turn, a difference that changes evenly, or two sequences. */
export function checkSequence(reader: Reader, question: string, strategy: Strategy): void {
  const terms = (/\d+(?: \d+)+/.exec(question)?.[0] ?? '').split(' ').map(Number);
  const differences = terms.slice(1).map((term, index) => term - terms[index]!);
  const [first, second, third] = terms as [number, number, number];
  if (strategy === 'falsification') {
    const [claim, other] = reader.next('<falsify>').split('!=') as [string, string?];
    const found = difference(claim, second, second - first);
    demand(other === String(third) && found !== third, `"${claim}!=${other}" contradicts nothing`);
  }
  const last = ruleOf(terms, differences)(reader, strategy);
  if (strategy !== 'self-doubt') return;
  const { a, by, result } = last;
  const sign = by < 0 ? '-' : '+';
  const back = equation(reader.next('<doubt>'), { a: result, sign: opposite(sign), b: Math.abs(by) });
  demand(back === a, `the check gives ${back}, not ${a}`);
  reader.says('<step>', result);
}

/** The last equation of a rule. */
interface Last {
  readonly a: number;
  readonly by: number;
  readonly result: number;
}

type Rule = (reader: Reader, strategy: Strategy) => Last;

function ruleOf(terms: readonly number[], differences: readonly number[]): Rule {
  const changes = differences.slice(1).map((each, index) => each - differences[index]!);
  if (changes.every((change) => change === changes[0])) return growing(terms, differences, changes[0]!);
  if (differences.every((each, index) => index < 2 || each === differences[index - 2])) {
    return alternating(terms, differences);
  }
  return interleaved(terms);
}

/** Reads "7+3=10" or "7-3=4". */
function difference(text: string, a: number, by: number): number {
  return equation(text, { a, sign: by < 0 ? '-' : '+', b: Math.abs(by) });
}

function alternating(terms: readonly number[], differences: readonly number[]): Rule {
  return (reader, strategy) => {
    const [one, other] = differences as [number, number];
    if (strategy === 'expert') reader.says('<expert>', `in turn ${signed(one)}${signed(other)}`);
    else reader.says('<step>', differences.map(signed).join(''));
    const a = terms.at(-1)!;
    const by = differences.at(-2)!;
    return { a, by, result: difference(reader.next('<step>'), a, by) };
  };
}

function growing(terms: readonly number[], differences: readonly number[], change: number): Rule {
  return (reader, strategy) => {
    const before = differences.at(-1)!;
    if (strategy === 'expert') {
      reader.says('<expert>', `step ${change > 0 ? 'grows' : 'shrinks'} ${Math.abs(change)}`);
      equation(reader.next('<step>'), { a: terms.at(-1)!, sign: '-', b: terms.at(-2)! });
    } else {
      reader.says('<step>', differences.map(signed).join(''));
    }
    const by = difference(reader.next('<step>'), before, change);
    const a = terms.at(-1)!;
    return { a, by, result: difference(reader.next('<step>'), a, by) };
  };
}

function interleaved(terms: readonly number[]): Rule {
  return (reader, strategy) => {
    const sides = [0, 1].map((side) => terms.filter((_, index) => index % 2 === side));
    const own = sides[terms.length % 2]!;
    const by = own[1]! - own[0]!;
    for (const side of sides) {
      demand(
        side.every((term, index) => index === 0 || term - side[index - 1]! === side[1]! - side[0]!),
        'no rule explains the terms',
      );
    }
    if (strategy === 'decomposition') sides.forEach((side) => reader.says('<mece>', side.join(' ')));
    else own.slice(0, -1).forEach((term) => difference(reader.next('<step>'), term, by));
    const a = own.at(-1)!;
    return { a, by, result: difference(reader.next('<step>'), a, by) };
  };
}
