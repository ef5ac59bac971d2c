/** Reads documents of one kind, one after the other, in a process of its own: `worker.ts <kind> <seed> <from> <to> <folder>`. */
import { mkdirSync } from 'node:fs';
import { isForgeError } from '../../core/errors/index.js';
import { stream } from '../../nn/random/index.js';
import type { Attempt } from './kind.js';
import { KINDS } from './kinds/index.js';

/** How one document was answered. `internal`, `wrong` and `refused-wrongly` are faults. */
export type Answer = 'accepted' | 'refused' | 'internal' | 'wrong' | 'refused-wrongly';

/** Sent to the parent: before a document, after it, and at the end. */
export type WorkerMessage =
  | { readonly type: 'begin'; readonly index: number }
  | {
      readonly type: 'answer';
      readonly index: number;
      readonly answer: Answer;
      readonly detail: string;
      /** Base64, of faults only. */
      readonly document?: string;
    }
  | { readonly type: 'end'; readonly peakBytes: number };

async function main([name, seed, from, to, folder]: readonly string[]): Promise<void> {
  const kind = KINDS.find((each) => each.name === name)!;
  mkdirSync(folder!, { recursive: true });
  const draw = await kind.open(folder!);
  for (let index = Number(from); index < Number(to); index++) {
    send({ type: 'begin', index });
    const attempt = await draw(stream(Number(seed), 'fuzz', kind.name, index));
    const { answer, detail } = await answerTo(attempt);
    const isFault = answer !== 'accepted' && answer !== 'refused';
    const document = isFault ? Buffer.from(attempt.bytes).toString('base64') : undefined;
    send({ type: 'answer', index, answer, detail, document });
  }
  send({ type: 'end', peakBytes: process.resourceUsage().maxRSS * 1024 });
  process.disconnect();
}

async function answerTo({
  read,
  whyWrong,
  mustAccept = null,
}: Attempt): Promise<{ answer: Answer; detail: string }> {
  let accepted: unknown;
  try {
    accepted = await read();
  } catch (error) {
    const isRefusal = isForgeError(error) && error.code !== 'AF_INTERNAL';
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (!isRefusal) return { answer: 'internal', detail: text };
    return mustAccept === null
      ? { answer: 'refused', detail: `${error.code} ${error.message}` }
      : { answer: 'refused-wrongly', detail: `${mustAccept}, yet: ${error.code} ${error.message}` };
  }
  try {
    const reason = whyWrong(accepted);
    return reason === null ? { answer: 'accepted', detail: '' } : { answer: 'wrong', detail: reason };
  } catch (error) {
    return {
      answer: 'internal',
      detail: `using what was accepted: ${error instanceof Error ? (error.stack ?? '') : String(error)}`,
    };
  }
}

function send(message: WorkerMessage): void {
  process.send!(message);
}

await main(process.argv.slice(2));
