import type { Engine, Program } from '../../../core/contracts/engine.js';

/** Counts the tokens that programs are given: what reading costs. */
export function counting(engine: Engine): { engine: Engine; tokens: () => number } {
  let tokens = 0;
  return {
    tokens: () => tokens,
    engine: {
      ...engine,
      info: engine.info,
      createState: (values) => engine.createState(values),
      dispose: () => engine.dispose(),
      compile: async (fn, spec): Promise<Program> => {
        const program = await engine.compile(fn, spec);
        return {
          info: program.info,
          dispose: () => program.dispose(),
          run: (inputs, options) => {
            tokens += inputs['ids']!.length;
            return program.run(inputs, options);
          },
        };
      },
    },
  };
}

/** Compiles nothing for so many times; counts the states that it was given back. */
export function failing(engine: Engine, times: number): { engine: Engine; given: () => number } {
  let [failures, given] = [0, 0];
  return {
    given: () => given,
    engine: {
      info: engine.info,
      dispose: () => engine.dispose(),
      compile: (fn, spec) =>
        failures++ < times ? Promise.reject(new Error('no memory')) : engine.compile(fn, spec),
      createState: async (values) => {
        const state = await engine.createState(values);
        const dispose = (): Promise<void> => {
          given++;
          return state.dispose();
        };
        return Object.assign(Object.create(state) as typeof state, { dispose });
      },
    },
  };
}

/** Counts what is compiled, and the programs and states that were not given back. */
export function watching(engine: Engine): { engine: Engine; compiled: () => number; open: () => number } {
  let [compiled, open] = [0, 0];
  const watched = <T extends { dispose(): Promise<void> }>(made: T): T => {
    open++;
    const dispose = (): Promise<void> => {
      open--;
      return made.dispose();
    };
    return Object.assign(Object.create(made) as T, { dispose });
  };
  return {
    compiled: () => compiled,
    open: () => open,
    engine: {
      info: engine.info,
      dispose: () => engine.dispose(),
      compile: async (fn, spec) => {
        compiled++;
        return watched(await engine.compile(fn, spec));
      },
      createState: async (values) => watched(await engine.createState(values)),
    },
  };
}
