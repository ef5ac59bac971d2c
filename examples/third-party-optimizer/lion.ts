import * as tf from '@tensorflow/tfjs';
import { defineOptimizer, Type, withDefault, type OptionsOf } from 'agentforge';

const factor = (description: string) => Type.Number({ minimum: 0, exclusiveMaximum: 1, description });

/** Lion (Chen et al. 2023): the sign of a momentum, one state tensor per weight instead of Adam's two. */
export const lion = defineOptimizer({
  name: 'lion',
  description: 'Sign of an interpolated momentum (Chen et al. 2023)',
  options: Type.Object(
    {
      learningRate: withDefault(Type.Number({ exclusiveMinimum: 0 }), 0.0003),
      beta1: withDefault(factor('Share of the momentum in the update'), 0.9),
      beta2: withDefault(factor('Share of the momentum that is kept'), 0.99),
      weightDecay: withDefault(Type.Number({ minimum: 0 }), 0),
    },
    { additionalProperties: false },
  ),
  create: ({ learningRate, beta1, beta2, weightDecay }) => ({
    learningRate,
    state: (tensors) =>
      Object.fromEntries(tensors.map(({ name, shape }) => [name, { shape, dtype: 'float32' as const }])),
    update: ({ params, grads, state, learningRateScale }) => {
      const rate = tf.mul(learningRateScale, learningRate);
      const updated = Object.entries(params).map(([name, weight]) => {
        const [gradient, momentum] = [grads[name]!, state[name]!];
        const step = tf.sign(mixed(momentum, gradient, beta1));
        const change = tf.mul(rate, tf.add(step, tf.mul(weight, weightDecay)));
        return { name, weight: tf.sub(weight, change), momentum: mixed(momentum, gradient, beta2) };
      });
      return {
        params: Object.fromEntries(updated.map(({ name, weight }) => [name, weight])),
        state: Object.fromEntries(updated.map(({ name, momentum }) => [name, momentum])),
        metrics: {},
      };
    },
  }),
});

function mixed(a: tf.Tensor, b: tf.Tensor, share: number): tf.Tensor {
  return tf.add(tf.mul(a, share), tf.mul(b, 1 - share));
}

/** The compiler knows the options wherever a config names the plugin. */
declare module 'agentforge' {
  interface KnownPlugins {
    lion: OptionsOf<typeof lion>;
  }
}

export default lion;
