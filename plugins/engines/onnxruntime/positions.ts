import type { HostArray } from '../../../core/contracts/index.js';
import { ForgeError, type Problem } from '../../../core/errors/index.js';
import type { InputLimit } from '../../../nn/onnx/trace/input-limits.js';

/**
 * Check the positions among a program's inputs (token ids, rows of a table): a GPU reads something else where one does
 * not exist, and says nothing.
 *
 * @throws ForgeError AF_ENGINE_INPUT naming, per input, the first element that is out of range
 */
export function checkPositions(
  program: string,
  limits: readonly InputLimit[],
  inputs: Readonly<Record<string, HostArray>>,
): void {
  const problems = limits.flatMap((limit) => problemOf(limit, inputs));
  if (problems.length > 0)
    throw new ForgeError('AF_ENGINE_INPUT', `Program ${program} was given positions that do not exist.`, {
      at: program,
      problems,
      fix: 'Check that ids are below the size of the vocabulary, and positions within their tensors.',
    });
}

function problemOf(limit: InputLimit, inputs: Readonly<Record<string, HostArray>>): Problem[] {
  const { input, from, to, lowest, extents } = limit;
  const name = input.replace(/^input\./, '');
  const data = inputs[name];
  if (!data) return []; // a carried tensor: it is not looked into
  for (let i = from; i < to; i++) {
    const [value, extent] = [data[i]!, extents[i % extents.length]!];
    if (value >= lowest && value < extent) continue;
    const expected = lowest === 0 ? `0 to ${extent - 1}` : `at most ${extent - 1}`;
    return [{ at: `${name}[${i}]`, message: 'is out of range', expected, found: String(value) }];
  }
  return [];
}
