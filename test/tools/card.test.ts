import type { ModelRef } from '../../core/contracts/model.js';
import type { Quantization } from '../../core/contracts/quantization.js';
import { modelRef } from '../../testing/fixtures/records.js';
import { exportCard } from '../../tools/export/card.js';

/** A model with one matrix in codes. */
function quantised(activations: Quantization['activations']): ModelRef {
  const model = modelRef('thinker_session_1');
  const quantization: Quantization = {
    ...{ weights: 'applied', activations, norms: [], epsilon: 1e-5 },
    formats: { 'layers.0.up': { use: 'ternary' } },
  };
  return { ...model, config: { ...model.config, quantization } };
}

test.each([
  ['int8', 'their inputs are rounded to 8 bits per token,'],
  ['int8-block', 'their inputs are rounded to 8 bits per block of inputs,'],
  ['float', 'their inputs are floats,'],
] as const)('the card of a model with activations %s: %s', (activations, said) => {
  expect(exportCard(quantised(activations), { title: 'thinker', producer: 'agentforge' })).toContain(said);
});
