import { defineMutation, Type, withDefault, type HostTensor, type OptionsOf } from 'agentforge';

/** Moves an individual a part of the way to the fittest model that evolution began with: regularises without noise. */
export const towardsBest = defineMutation({
  name: 'towards-best',
  description: 'Moves an individual towards the fittest parent',
  options: Type.Object(
    {
      share: withDefault(Type.Number({ exclusiveMinimum: 0, maximum: 0.5, description: 'Of the way' }), 0.2),
    },
    { additionalProperties: false },
  ),
  create: ({ share }) => ({
    propose: ({ id, parents, available, strength, seed }) => {
      const best = parents.find((parent) => parent !== id && available(parent));
      if (best === undefined) return null;
      const parameters = { share: Math.min(1, share * strength) };
      return { operation: 'towards-best', sources: [id, best], parameters, seed };
    },
    apply: ({ parameters }, [model, best]) =>
      Object.fromEntries(
        Object.entries(model!).map(([name, tensor]) => [
          name,
          between(tensor, best![name]!, Number(parameters['share'])),
        ]),
      ),
  }),
});

function between(from: HostTensor, to: HostTensor, share: number): HostTensor {
  return { ...from, data: Float32Array.from(from.data, (value, i) => value + share * (to.data[i]! - value)) };
}

/** The compiler knows the options wherever a config names the plugin. */
declare module 'agentforge' {
  interface KnownPlugins {
    'towards-best': OptionsOf<typeof towardsBest>;
  }
}

export default towardsBest;
