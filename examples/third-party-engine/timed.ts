import {
  defineEngine,
  ENGINE,
  Type,
  withDefault,
  type Engine,
  type Program,
  type OptionsOf,
} from 'agentforge';

/** Any other engine, with a line in the log for every program: how often it ran and how long it took. */
export const timed = defineEngine({
  name: 'timed',
  description: 'Another engine, its programs timed',
  options: Type.Object(
    { engine: withDefault(Type.String({ description: 'Name of the engine that computes' }), 'onnxruntime') },
    { additionalProperties: false },
  ),
  create: ({ engine }, forge) => ({
    probe: () => forge.resolve(ENGINE, engine).probe(),
    open: async () => {
      const inner = await forge.resolve(ENGINE, engine).open();
      const times: Times = new Map();
      const note = (name: string, milliseconds: number): void => {
        const { runs, total } = times.get(name) ?? { runs: 0, total: 0 };
        times.set(name, { runs: runs + 1, total: total + milliseconds });
      };
      return watched(inner, note, () => {
        for (const [name, { runs, total }] of times)
          forge.log.info(`${name}: ${runs} runs, ${total.toFixed(1)} ms`);
      });
    },
  }),
});

type Times = Map<string, { readonly runs: number; readonly total: number }>;

function watched(
  inner: Engine,
  note: (name: string, milliseconds: number) => void,
  report: () => void,
): Engine {
  return {
    info: { ...inner.info, name: 'timed' },
    createState: (values) => inner.createState(values),
    compile: async (fn, spec) => {
      const program = await inner.compile(fn, spec);
      const run: Program['run'] = async (inputs, options) => {
        const started = performance.now();
        try {
          return await program.run(inputs, options);
        } finally {
          note(spec.name, performance.now() - started);
        }
      };
      return { info: program.info, run, dispose: () => program.dispose() };
    },
    dispose: async () => {
      report();
      await inner.dispose();
    },
  };
}

/** The compiler knows the options wherever a config names the plugin. */
declare module 'agentforge' {
  interface KnownPlugins {
    timed: OptionsOf<typeof timed>;
  }
}

export default timed;
