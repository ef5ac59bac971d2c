import type { ResultTable } from '../../../core/contracts/phase.js';
import type { PartClock } from './part-clock.js';

/** For people: where the seconds of a phase went, of the process that finished it. @param words what parts are called */
export function secondsTable<Name extends string>(
  seconds: PartClock<Name>['seconds'],
  words: Readonly<Record<Name, string>>,
): ResultTable {
  const total = seconds.reduce((sum, part) => sum + part.seconds, 0);
  return {
    title: `where the seconds went (${total.toFixed(1)} of the process that finished)`,
    columns: ['', 'seconds', 'share'],
    rows: seconds.map(({ name, seconds: taken }) => [
      words[name],
      taken.toFixed(1),
      total === 0 ? '-' : `${((100 * taken) / total).toFixed(1)} %`,
    ]),
  };
}
