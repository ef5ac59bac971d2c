import type { Strategy } from '../problem.js';
import { equation } from './equation.js';
import { demand, type Reader } from './reader.js';

export function checkLogic(reader: Reader, question: string, strategy: Strategy): void {
  if (/^Bag /.test(question)) checkBags(reader, question, strategy);
  else if (/which are false|what is false/i.test(question)) checkTruth(reader, question, strategy);
  else checkOrder(reader, question, strategy);
}

function checkOrder(reader: Reader, question: string, strategy: Strategy): void {
  const facts = [...question.matchAll(/(\w+) is (before|above) (\w+)\./g)];
  const up = /first|top/.test(question);
  const word = { before: ['before', 'after'], above: ['above', 'below'] }[facts[0]?.[2] ?? ''];
  demand(word !== undefined, 'the question has no facts');
  // who comes next on the way to the end that is asked for
  const next = new Map(facts.map(([, one, , other]) => (up ? [other!, one!] : [one!, other!])));
  const walk = [up ? facts[0]![1]! : facts[0]![3]!];
  while (next.has(walk.at(-1)!)) walk.push(next.get(walk.at(-1)!)!);
  const relation = up ? word[1]! : word[0]!;
  if (strategy === 'multi-domain') {
    reader.says('<reason>', walk.join(` ${relation} `));
    reader.says('<reason>', walk.map((person, index) => `${person} ${index + 1}`).join(' '));
  } else {
    const tag = strategy === 'falsification' ? '<falsify>' : '<step>';
    walk.slice(1).forEach((person, index) => reader.says(tag, `${walk[index]} ${relation} ${person}`));
  }
  reader.says('<step>', walk.at(-1)!);
}

function checkTruth(reader: Reader, question: string, strategy: Strategy): void {
  const values = new Map<string, boolean>();
  const nots = new Map<string, number>();
  for (const [, letter, not, other] of question.matchAll(/\b([a-z]) is (not )?(\w+)/g)) {
    const negated = not !== undefined;
    const certain = other === 'true' || other === 'false';
    demand(certain || values.has(other!), `nothing is known of ${other}`);
    values.set(letter!, (certain ? other === 'true' : values.get(other!)!) !== negated);
    nots.set(letter!, (certain ? 0 : nots.get(other!)!) + (negated ? 1 : 0));
  }
  const [start, ...derived] = [...values.keys()];
  if (strategy === 'expert') {
    demand(values.get(start!) === true, 'the rule is about a true start');
    reader.says('<expert>', 'odd nots flip');
    reader.says('<step>', derived.map((letter) => `${letter}=${nots.get(letter)}`).join(' '));
  } else {
    for (const letter of derived) reader.says('<step>', `${letter}=${values.get(letter) ? 'T' : 'F'}`);
  }
  reader.says('<step>', [...values.keys()].filter((letter) => !values.get(letter)).join(' '));
}

function checkBags(reader: Reader, question: string, strategy: Strategy): void {
  demand(strategy === 'bayesian', `${strategy} is no way to weigh bags`);
  const bags = [...question.matchAll(/Bag (\w): (\d+) (\w+) (\d+) (\w+)\./g)].map((found) => ({
    name: found[1]!,
    balls: { [found[3]!]: Number(found[2]), [found[5]!]: Number(found[4]) } as Record<string, number>,
    weight: 1,
  }));
  const sizes = bags.map(({ balls }) => Object.values(balls).reduce((sum, count) => sum + count, 0));
  demand(new Set(sizes).size === 1, 'the bags have different sizes, so that ways are no weights');
  const drawn = /put back: ([\w, ]+)\./.exec(question)![1]!.split(', ');
  drawn.forEach((color, place) => {
    const updates = reader.next('<reason>').split(' ');
    demand(updates.length === bags.length, 'a weight is missing');
    bags.forEach((bag, index) => {
      const [name, claim] = splitOnce(updates[index]!);
      demand(name === bag.name, `${name} stands where ${bag.name} is expected`);
      const count = bag.balls[color]!;
      if (place === 0) demand(claim === String(count), `${name} has ${count} ${color}, not ${claim}`);
      else equation(claim, { a: bag.weight, sign: '*', b: count });
      bag.weight *= count;
    });
  });
  const [best, other] = [...bags].sort((a, b) => b.weight - a.weight);
  demand(best!.weight > other!.weight, 'no bag is likelier');
  reader.says('<step>', `${best!.name} ${best!.weight}`);
}

function splitOnce(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
}
