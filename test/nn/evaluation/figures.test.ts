import {
  atLeast,
  exactly,
  figureText,
  greatestFigure,
  leastFigure,
  medianFigure,
  ratioFigure,
} from '../../../nn/evaluation/index.js';

const text = figureText;

test('a median is a number when most of the runs ended', () => {
  expect(medianFigure([exactly(3), exactly(1), exactly(2)])).toEqual(exactly(2));
  expect(medianFigure([exactly(5), atLeast(9), exactly(4)])).toEqual(exactly(5));
  expect(medianFigure([exactly(5), atLeast(9), atLeast(9)])).toEqual(atLeast(9));
  // The middle two are 4 and what is at least 9.
  expect(medianFigure([exactly(4), atLeast(9)])).toEqual(atLeast(6.5));
  // Where the budget is below what another run took, the middle is not known.
  expect(medianFigure([exactly(5), atLeast(3), exactly(4)])).toEqual({ low: 4, high: 5 });
});

test('least and greatest', () => {
  expect(leastFigure([atLeast(9), exactly(5)])).toEqual(exactly(5));
  expect(leastFigure([atLeast(3), exactly(5)])).toEqual({ low: 3, high: 5 });
  expect(greatestFigure([atLeast(9), exactly(5)])).toEqual(atLeast(9));
});

test('a ratio is bounded from the side that is known', () => {
  expect(ratioFigure(exactly(6), exactly(3))).toEqual(exactly(2));
  expect(ratioFigure(atLeast(6), exactly(3))).toEqual(atLeast(2));
  expect(ratioFigure(exactly(6), atLeast(3))).toEqual({ low: 0, high: 2 });
  expect(ratioFigure(atLeast(6), atLeast(3))).toEqual({ low: 0, high: null });
});

test('for people', () => {
  const figures = [exactly(690), atLeast(3000), { low: 0, high: 0.4 }, { low: 0.8, high: 1.2 }, atLeast(0)];
  expect(figures.map((one) => text(one, 1))).toEqual([
    ...['690.0', '>= 3000.0', '<= 0.4', '0.8 to 1.2', 'unknown'],
  ]);
});
