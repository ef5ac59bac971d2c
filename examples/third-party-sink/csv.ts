import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { defineSink } from 'agentforge';

/** `metrics.csv` in the session folder, one line per metric point: opens in any spreadsheet. */
export const csv = defineSink({
  name: 'csv',
  description: 'Metric points as comma-separated values',
  create: () => {
    let file: number | null = null;
    return {
      open: ({ folder }) => void (file = openSync(join(folder, 'metrics.csv'), 'a')),
      write: (event) => {
        if (file === null || event.type !== 'metric') return;
        const { time, phase, name, step, value, unit = '' } = event;
        writeSync(file, `${[time, phase, name, step, value, unit].map(cell).join(',')}\n`);
      },
      flush: () => {
        if (file !== null) fsyncSync(file);
      },
      close: () => {
        if (file !== null) closeSync(file);
        file = null;
      },
    };
  },
});

/** Unknown is an empty cell; everything else is quoted where it must be. */
function cell(value: string | number | boolean | null): string {
  const text = value === null ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export default csv;
