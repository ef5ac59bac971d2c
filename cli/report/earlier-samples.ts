import { join } from 'node:path';
import { decodeJson } from '../../core/contracts/json-numbers.js';
import type { RunEvent } from '../../core/contracts/sink.js';
import { EVENTS_FILE } from '../../plugins/sinks/jsonl/jsonl-sink.js';
import { isObject } from '../../storage/is-object.js';
import { readText } from '../../storage/regular-file.js';
import { sampleOf, type RecordedSample } from './run-recorder.js';

/**
 * What models wrote in all runs of a session so far, as its event file has it. None when the `jsonl` sink was off or
 * the file is gone; lines that cannot be read are passed over.
 */
export async function earlierSamples(folder: string): Promise<readonly RecordedSample[]> {
  const text = await readText(join(folder, EVENTS_FILE)).catch(() => '');
  return text.split('\n').flatMap((line) => {
    if (!line.includes('"sample"')) return [];
    const event = eventOf(line);
    const isSample = event?.type === 'lifecycle' && event.event === 'sample' && isObject(event.facts);
    return isSample ? [sampleOf(event.facts)] : [];
  });
}

function eventOf(line: string): RunEvent | null {
  try {
    return decodeJson(line) as RunEvent | null;
  } catch {
    return null;
  }
}
