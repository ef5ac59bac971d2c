import type { Strategy } from '../problem.js';
import { demand, type Reader } from './reader.js';

/** Follows the table of the question beside the thought. */
export function checkLookup(reader: Reader, question: string, strategy: Strategy): void {
  const rows = [...question.matchAll(/(\w+)>(\w+)/g)].map(([, key, value]) => [key!, value!] as const);
  const table = new Map(rows);
  const start = /(?:Start at|hops from) (\w+)/.exec(question)?.[1];
  const hops = Number(/(\d+) hops/.exec(question)?.[1]);
  demand(start !== undefined && hops > 0, 'the question has no walk');
  const walk = [start];
  for (let hop = 0; hop < hops; hop++) {
    const next = table.get(walk.at(-1)!);
    demand(next !== undefined, `the table has no row for ${walk.at(-1)}`);
    walk.push(next);
  }
  walk.slice(1).forEach((value, hop) => {
    if (strategy === 'falsification' && hop === hops - 1) checkContradiction(reader, table, walk[hop]!);
    reader.says('<step>', `${walk[hop]}>${value}`);
  });
  if (strategy === 'self-doubt') {
    reader.says('<doubt>', `${walk[hops]} from ${walk[hops - 1]}`);
    reader.says('<step>', walk[hops]!);
  }
}

/** "x>i,x!=w": i would have to come from w, but it comes from x. */
function checkContradiction(reader: Reader, table: ReadonlyMap<string, string>, here: string): void {
  const text = reader.next('<falsify>');
  const [, key, value, same, place] = /^(\w+)>(\w+),(\w+)!=(\w+)$/.exec(text) ?? [];
  demand(key !== undefined && table.get(key) === value, `"${text}" names no row of the table`);
  demand(same === key && place === here && key !== here, `"${text}" contradicts nothing`);
}
