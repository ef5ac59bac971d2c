import { ForgeError, isForgeError } from '../errors/index.js';
import { describeValue } from '../validation/describe.js';
import { messageOf } from '../errors/message-of.js';
import { isThenable, type PluginCall, type PluginCalls } from './plugin-calls.js';

/** What the kernel relies on of an answer; a shape: an object that is guarded in turn. */
type Answer = 'anything' | 'a list' | 'text' | Shape;

/** The members that an object of a plugin must have: methods with what they answer, and objects. */
export interface Shape {
  /** For messages: `registry`, `storage`. */
  readonly what: string;
  readonly methods: Readonly<Record<string, Answer>>;
  readonly objects?: Readonly<Record<string, Shape>>;
}

const AREA: Shape = {
  what: 'storage.checkpoints',
  methods: {
    save: 'anything',
    latest: 'anything',
    clear: 'anything',
    get child(): Shape {
      return AREA;
    },
  },
};

const SESSION: Shape = {
  what: 'storage.session',
  methods: { checkpoints: AREA, writeFile: 'anything', readFile: 'anything', release: 'anything' },
};

const ARTIFACTS: Shape = {
  what: 'storage.artifacts',
  methods: {
    put: 'anything',
    putTensors: 'anything',
    path: 'text',
    read: 'anything',
    readText: 'text',
    readTensors: 'anything',
  },
};

export const STORAGE_SHAPE: Shape = {
  what: 'storage',
  methods: { newSessionId: 'text', openSession: SESSION, isLocked: 'anything', freeBytes: 'anything' },
  objects: { artifacts: ARTIFACTS },
};

export const REGISTRY_SHAPE: Shape = {
  what: 'registry',
  methods: {
    createSession: 'anything',
    updateSession: 'anything',
    session: 'anything',
    sessions: 'a list',
    savePhase: 'anything',
    phases: 'a list',
    registerModel: 'anything',
    model: 'anything',
    models: 'a list',
    deleteModel: 'anything',
    saveHandoff: 'anything',
    handoffs: 'a list',
    deleteSession: 'anything',
    close: 'anything',
  },
};

/** Whose an object is, and who keeps account of its calls. */
export interface Guard {
  readonly plugin: string;
  readonly calls: PluginCalls;
}

/**
 * What a plugin gave, behind a guard: every call is made in the plugin's name, so that what it throws, gives back
 * wrongly or never settles is told with plugin and method. Errors with a code of their own pass as they are.
 * @throws ForgeError AF_PLUGIN_FAILED when a member is missing
 */
export function guarded<T extends object>(value: T, shape: Shape, guard: Guard): T {
  requireShape(value, shape, guard);
  const members = new Map<PropertyKey, unknown>();
  // The proxy stands on an object of its own: members of a frozen one could not be replaced.
  return new Proxy({} as T, {
    has: (_, key) => key in value,
    get: (_, key) => {
      const member: unknown = Reflect.get(value, key);
      if (typeof key === 'symbol') return member;
      const nested = shape.objects?.[key];
      if (typeof member !== 'function' && nested === undefined) return member;
      if (!members.has(key)) {
        const made =
          typeof member === 'function'
            ? guardedMethod(value, member as Method, key, shape, guard)
            : guarded(member as object, nested!, guard);
        members.set(key, made);
      }
      return members.get(key);
    },
  });
}

type Method = (...args: unknown[]) => unknown;

function guardedMethod(owner: object, method: Method, name: string, shape: Shape, guard: Guard): Method {
  const { plugin, calls } = guard;
  const call: PluginCall = { plugin, what: `${shape.what}.${name}` };
  const answer = Object.hasOwn(shape.methods, name) ? shape.methods[name]! : 'anything';
  const checked = (result: unknown): unknown => checkAnswer(result, answer, call, guard);
  return (...args) => {
    try {
      const result = calls.inside(call, () => method.apply(owner, args));
      if (!isThenable(result)) return checked(result);
      return calls
        .wait(call, () => result)
        .then(checked)
        .catch((cause: unknown) => {
          throw failure(call, cause);
        });
    } catch (cause) {
      throw failure(call, cause);
    }
  };
}

function checkAnswer(result: unknown, answer: Answer, call: PluginCall, guard: Guard): unknown {
  if (answer === 'anything') return result;
  if (typeof answer === 'object') {
    if (typeof result === 'object' && result !== null) return guarded(result, answer, guard);
    throw wrongAnswer(call, result, 'an object');
  }
  const right = answer === 'a list' ? Array.isArray(result) : typeof result === 'string';
  if (right) return result;
  throw wrongAnswer(call, result, answer);
}

function requireShape(value: object, { what, methods, objects = {} }: Shape, { plugin }: Guard): void {
  const missing = [
    ...Object.keys(methods).filter((name) => typeof Reflect.get(value, name) !== 'function'),
    ...Object.keys(objects).filter((name) => typeof (Reflect.get(value, name) ?? 0) !== 'object'),
  ];
  if (missing.length === 0) return;
  throw failure({ plugin, what }, new TypeError(`it lacks ${missing.join(', ')}`));
}

function wrongAnswer({ what }: PluginCall, found: unknown, expected: string): TypeError {
  return new TypeError(`${what} gave ${describeValue(found)} instead of ${expected}`);
}

/** What a plugin threw, with its name and the method's; an error that has a code passes as it is. */
export function failure({ plugin, what }: PluginCall, cause: unknown): ForgeError {
  if (isForgeError(cause)) return cause;
  return new ForgeError('AF_PLUGIN_FAILED', `Plugin "${plugin}" failed in ${what}: ${messageOf(cause)}`, {
    at: `plugin ${plugin}, ${what}`,
    cause,
    fix: `This is a mistake in the plugin "${plugin}"; another one, or the built-in one, may take its place.`,
    facts: { plugin, call: what },
  });
}
