import fc from 'fast-check';
import { editDistance, nearest } from '../../../core/errors/index.js';

describe('editDistance', () => {
  it.each([
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['seed', 'sede', 1],
    ['ties', 'tise', 1],
    ['same', 'same', 0],
    ['ca', 'abc', 3],
  ])('%s to %s takes %i edits', (left, right, edits) => {
    expect(editDistance(left, right)).toBe(edits);
  });

  it('is symmetric, zero only for equals, and never more than the longer text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (left, right) => {
        const distance = editDistance(left, right);
        expect(editDistance(right, left)).toBe(distance);
        expect(distance === 0).toBe(left === right);
        expect(distance).toBeLessThanOrEqual(Math.max(left.length, right.length));
        expect(distance).toBeGreaterThanOrEqual(Math.abs(left.length - right.length));
      }),
    );
  });
});

describe('nearest', () => {
  const known = ['pipeline', 'plugins', 'phases', 'seed', 'storage'];

  it.each([
    ['pipelines', 'pipeline'],
    ['pluginz', 'plugins'],
    ['Seed', 'seed'],
    ['sede', 'seed'],
    ['stor', 'storage'],
    ['phase', 'phases'],
  ])('takes %s for %s', (name, meant) => {
    expect(nearest(name, known)).toBe(meant);
  });

  it('does not guess when nothing is near', () => {
    expect(nearest('wandb', known)).toBeUndefined();
    expect(nearest('x', [])).toBeUndefined();
  });
});
