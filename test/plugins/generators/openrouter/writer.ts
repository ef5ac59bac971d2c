import { worked } from '../support.js';

const numbersIn = (calculation: string): readonly string[] => calculation.match(/[-+]?\d+/g)!;

/** What a good writer makes of a calculation; no two calculations are worded alike. */
export function worded(calculation: string) {
  const [start, ...changes] = numbersIn(calculation);
  const told = changes.map(
    (change) => `${change.startsWith('-') ? 'gives away' : 'finds'} ${change.slice(1)}`,
  );
  const name = [...calculation].map((sign) => letterOf(sign)).join('');
  const question = `${name} has ${start} nuts, ${told.join(', ')}. How many now?`;
  return { calculation, question, answer: worked(calculation) };
}

/** Words every calculation of as many numbers in the same way. */
export function wordsOnce(calculation: string) {
  const numbers = numbersIn(calculation).map((number) => number.replace(/[-+]/, ''));
  return {
    calculation,
    question: `What is left of ${numbers[0]}?`.replace(/$/, ` ${numbers.slice(1).join(' ')}?`),
    answer: worked(calculation),
  };
}

const letterOf = (sign: string): string =>
  /\d/.test(sign) ? 'abcdefghij'[Number(sign)]! : sign === '+' ? 'y' : 'z';
