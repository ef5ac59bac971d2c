import type { ProgramSpec } from '../../core/contracts/index.js';
import { ForgeError, isForgeError } from '../../core/errors/index.js';

/** Frames of tfjs and of the engines themselves say nothing to the author of a function. */
const OWN_FRAME =
  /node_modules[\\/]|tfjs-\w+[\\/]src[\\/]|(?<!test[\\/])(?:plugins[\\/]engines|nn[\\/](?:onnx|programs))[\\/]|node:internal|<anonymous>/;

/** Run with stack traces long enough to reach from a kernel back to the function that asked for it. */
export function withDeepStacks<T>(work: () => T): T {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 200;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = before;
  }
}

/** `file:line:column` of the innermost frame outside tfjs and the engines, if there is one. */
function callSite(error: unknown): string | undefined {
  const frames = error instanceof Error ? (error.stack ?? '').split('\n').slice(1) : [];
  const frame = frames.find((line) => line.trim().startsWith('at ') && !OWN_FRAME.test(line));
  return frame?.match(/\(?((?:file:\/\/)?[^\s()]+:\d+:\d+)\)?$/)?.[1];
}

/** Name of the kernel that tfjs did not find for its backend, when that is what an error says. */
function missingKernel(message: string): string | undefined {
  return message.match(/Kernel '([^']+)' not registered/)?.[1];
}

/**
 * What an error thrown by a program function means to its author: AF_ENGINE_UNSUPPORTED_KERNEL with the kernel's
 * name and where it was called, or AF_ENGINE_FUNCTION. Errors that are explained already are left as they are.
 */
export function explainFunctionError(error: unknown, spec: ProgramSpec, engine: string): ForgeError {
  if (isForgeError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  const at = callSite(error) ?? spec.name;
  const kernel = missingKernel(message);
  if (kernel !== undefined)
    return new ForgeError('AF_ENGINE_UNSUPPORTED_KERNEL', `The ${engine} engine has no kernel ${kernel}.`, {
      at,
      fix: 'Express the step with other tfjs operators, or choose another engine.',
      facts: { kernel, program: spec.name },
      cause: error,
    });
  return new ForgeError('AF_ENGINE_FUNCTION', `The function of program ${spec.name} threw: ${message}`, {
    at,
    fix: 'Correct the function; the cause has its stack.',
    cause: error,
  });
}

/** A function returned a carried tensor that is not in its spec or has another type. */
export function wrongReplacement(spec: ProgramSpec, name: string, found: string): ForgeError {
  const expected = spec.state?.[name];
  return new ForgeError(
    'AF_ENGINE_FUNCTION',
    expected
      ? `Program ${spec.name} replaces ${name} ${expected.dtype}[${expected.shape.join(', ')}] by ${found}.`
      : `Program ${spec.name} replaces ${name}, which its spec does not carry.`,
    { at: spec.name, fix: 'Return carried tensors under their own name with their own shape and type.' },
  );
}
