import { definePlugin, ForgeError, Type, type OptionsOf } from 'agentforge';

/** Makes some target gates binding: a phase that misses one of them is refused, the others are only reported. */
export const mustMeet = definePlugin({
  name: 'must-meet',
  description: 'Refuses the result of a phase that misses one of the named gates',
  options: Type.Object(
    { gates: Type.Array(Type.String(), { minItems: 1, description: 'Names, with or without the model' }) },
    { additionalProperties: false },
  ),
  apply: ({ hooks }, { gates }) => {
    hooks.validateOutput.tap('must-meet', ({ phase }, result) => {
      const missed = result.gates.filter(
        ({ name, passed }) =>
          passed !== true && (gates.includes(name) || gates.includes(name.split('/')[0]!)),
      );
      if (missed.length === 0) return;
      const said = missed.map(
        ({ name, measured, target }) => `${name} is ${String(measured)}, wanted ${target}`,
      );
      throw new ForgeError(
        'AF_GATE_FAILED',
        `Phase "${phase}" does not meet what it must: ${said.join('; ')}.`,
        {
          at: `phase ${phase}`,
          fix: 'Train longer, or take the gate out of the options of must-meet.',
        },
      );
    });
  },
});

/** The compiler knows the options wherever a config names the plugin. */
declare module 'agentforge' {
  interface KnownPlugins {
    'must-meet': OptionsOf<typeof mustMeet>;
  }
}

export default mustMeet;
