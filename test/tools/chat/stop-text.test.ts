import fc from 'fast-check';
import { StopText } from '../../../tools/chat/stop-text.js';

/** What is shown of a text that comes in pieces. */
function shown(pieces: readonly string[], ...stops: string[]): { text: string; isOver: boolean } {
  const stop = new StopText(stops);
  const text = pieces.map((piece) => stop.add(piece)).join('') + stop.rest();
  return { text, isOver: stop.isOver };
}

test('ends where the text comes, in one piece or in several', () => {
  expect(shown(['95\nQuestion: x'], '\nQuestion:')).toEqual({ text: '95', isOver: true });
  expect(shown(['9', '5\nQu', 'est', 'ion', ': x', 'y'], '\nQuestion:')).toEqual({
    text: '95',
    isOver: true,
  });
  expect(shown(['95\nQu', 'eens'], '\nQuestion:')).toEqual({ text: '95\nQueens', isOver: false });
  expect(shown(['a', 'b'])).toEqual({ text: 'ab', isOver: false });
});

test('holds back no more than what may be its beginning', () => {
  const stop = new StopText(['\nQuestion:']);
  expect([stop.add('95'), stop.add('\nQ'), stop.add('x\n'), stop.rest()]).toEqual(['95', '', '\nQx', '\n']);
});

test('shows the text up to the first of its stops, however it is cut', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'ab', 'aab'), { maxLength: 12 });
  fc.assert(
    fc.property(text, fc.constantFrom(['aab'], ['ab', 'baa'], ['abab']), (pieces, stops) => {
      const whole = pieces.join('');
      const ends = stops.map((stop) => whole.indexOf(stop)).filter((end) => end >= 0);
      const found = shown(pieces, ...stops);
      expect(found.isOver).toBe(ends.length > 0);
      if (ends.length === 0) expect(found.text).toBe(whole);
      // Of two that overlap, the one that ends first may be heard first.
      else expect(ends).toContain(found.text.length);
    }),
  );
});
