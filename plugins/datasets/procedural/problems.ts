import type { Draw } from '../../../nn/random/index.js';
import { CONTAINERS, counted, PEOPLE, THINGS } from './words.js';

/** A question with the sentences that solve it; every equation in them holds. */
export interface Problem {
  readonly question: string;
  readonly steps: readonly string[];
  readonly answer: number;
}

/** How large a problem is. */
export interface ProblemSize {
  /** Largest starting number. */
  readonly largest: number;
  /** Most things that happen one after the other. */
  readonly events: number;
}

type BuildProblem = (draw: Draw, size: ProblemSize) => Problem;

export const PROBLEM_KINDS = { change, groups, compare, money, share, days } satisfies Readonly<
  Record<string, BuildProblem>
>;

const GAINS = [
  'finds N more',
  'buys N more',
  'gets N more from a friend',
  'is given N more',
  'picks up N more',
];
const LOSSES = ['gives away N', 'loses N', 'sells N', 'gives N to a friend', 'drops N'];

/** Somebody has things; some come, some go. */
function change(draw: Draw, { largest, events }: ProblemSize): Problem {
  const person = draw.pick(PEOPLE);
  const thing = draw.pick(THINGS);
  let now = draw.between(3, largest);
  const sentences = [`${person} has ${counted(now, thing)}.`];
  const steps: string[] = [];
  for (let event = draw.between(1, events); event > 0; event--) {
    const gain = now < 2 || draw.chance(0.5);
    const amount = gain ? draw.between(1, largest) : draw.between(1, now - 1);
    const verb = draw.pick(gain ? GAINS : LOSSES).replace('N', String(amount));
    const opening = draw.pick([`Then ${person} ${verb}.`, `${person} ${verb}.`, `Later ${person} ${verb}.`]);
    const after = gain ? now + amount : now - amount;
    sentences.push(opening);
    steps.push(`${person} ${verb}: ${now} ${gain ? '+' : '-'} ${amount} = ${after}.`);
    now = after;
  }
  sentences.push(
    draw.pick([
      `How many ${thing[1]} does ${person} have now?`,
      `How many ${thing[1]} has ${person} got in the end?`,
    ]),
  );
  return { question: sentences.join(' '), steps, answer: now };
}

/** Containers with the same number in each, and a few more or fewer. */
function groups(draw: Draw, { largest }: ProblemSize): Problem {
  const person = draw.pick(PEOPLE);
  const thing = draw.pick(THINGS);
  const [one, many] = draw.pick(CONTAINERS);
  const containers = draw.between(2, Math.min(9, largest));
  const each = draw.between(2, Math.max(3, Math.floor(largest / 4)));
  const total = containers * each;
  const extra = draw.between(1, Math.min(largest, total - 1));
  const more = draw.chance(0.5);
  const answer = more ? total + extra : total - extra;
  const tail = more ? `There are ${extra} more on the floor.` : `${person} takes ${extra} of them away.`;
  return {
    question: `${person} has ${containers} ${many} with ${counted(each, thing)} in each ${one}. ${tail} How many ${thing[1]} are there ${more ? 'in all' : 'left'}?`,
    steps: [
      `In the ${many} there are ${containers} * ${each} = ${total} ${thing[1]}.`,
      more
        ? `With the others there are ${total} + ${extra} = ${answer}.`
        : `After that there are ${total} - ${extra} = ${answer}.`,
    ],
    answer,
  };
}

/** One has more or fewer than the other; together or between them. */
function compare(draw: Draw, { largest }: ProblemSize): Problem {
  const [first, second] = draw.several(PEOPLE, 2) as [string, string];
  const thing = draw.pick(THINGS);
  const base = draw.between(3, largest);
  const [relation, other, step] = draw.pick(relations(draw, base, largest));
  const total = base + other;
  return {
    question: `${first} has ${counted(base, thing)}. ${second} has ${relation} ${first}. How many ${thing[1]} do they have together?`,
    steps: [
      `${second} has ${step} = ${other} ${other === 1 ? thing[0] : thing[1]}.`,
      `Together they have ${base} + ${other} = ${total}.`,
    ],
    answer: total,
  };
}

function relations(
  draw: Draw,
  base: number,
  largest: number,
): readonly (readonly [words: string, value: number, step: string])[] {
  const more = draw.between(1, Math.min(20, largest));
  const fewer = draw.between(1, base - 1);
  const times = draw.between(2, 4);
  return [
    [`${more} more than`, base + more, `${base} + ${more}`],
    [`${fewer} fewer than`, base - fewer, `${base} - ${fewer}`],
    [`${times} times as many as`, base * times, `${base} * ${times}`],
  ];
}

/** Buying several things at a price, paid with a round sum. */
function money(draw: Draw, { largest }: ProblemSize): Problem {
  const person = draw.pick(PEOPLE);
  const thing = draw.pick(THINGS);
  const price = draw.between(2, Math.min(12, largest));
  const amount = draw.between(2, Math.max(2, Math.min(12, Math.floor(largest / 2))));
  const cost = price * amount;
  const paid = Math.ceil((cost + 1) / 10) * 10 + 10 * draw.between(0, 2);
  return {
    question: `${person} buys ${counted(amount, thing)}. One ${thing[0]} costs ${price} dollars. ${person} pays with ${paid} dollars. How many dollars does ${person} get back?`,
    steps: [
      `The ${thing[1]} cost ${amount} * ${price} = ${cost} dollars.`,
      `${person} gets back ${paid} - ${cost} = ${paid - cost} dollars.`,
    ],
    answer: paid - cost,
  };
}

/** Things put together and divided evenly. */
function share(draw: Draw, { largest }: ProblemSize): Problem {
  const [first, second] = draw.several(PEOPLE, 2) as [string, string];
  const thing = draw.pick(THINGS);
  const friends = draw.between(2, Math.min(8, largest));
  const each = draw.between(2, Math.max(3, Math.floor(largest / 4)));
  const total = friends * each;
  const mine = draw.between(1, total - 1);
  return {
    question: `${first} has ${counted(mine, thing)} and ${second} has ${counted(total - mine, thing)}. They put them together and share them equally among ${friends} friends. How many ${thing[1]} does each friend get?`,
    steps: [
      `Together they have ${mine} + ${total - mine} = ${total}.`,
      `Each friend gets ${total} / ${friends} = ${each}.`,
    ],
    answer: each,
  };
}

/** The same every day, for some days, with a start. */
function days(draw: Draw, { largest }: ProblemSize): Problem {
  const person = draw.pick(PEOPLE);
  const thing = draw.pick(THINGS);
  const start = draw.between(1, largest);
  const count = draw.between(2, Math.min(7, largest));
  const daily = draw.between(2, Math.min(12, largest));
  const made = count * daily;
  return {
    question: `${person} has ${counted(start, thing)} and collects ${daily} more every day. How many ${thing[1]} does ${person} have after ${count} days?`,
    steps: [
      `In ${count} days ${person} collects ${count} * ${daily} = ${made}.`,
      `Now there are ${start} + ${made} = ${start + made}.`,
    ],
    answer: start + made,
  };
}
