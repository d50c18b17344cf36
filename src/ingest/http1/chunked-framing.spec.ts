import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ChunkedFraming } from './chunked-framing.js';

const framed = (chunks: readonly string[], extension = '', trailers = ''): string =>
  `${chunks.map((chunk) => `${chunk.length.toString(16)}${extension}\r\n${chunk}\r\n`).join('')}0\r\n${trailers}\r\n`;

function unframe(text: string, pieceLength: number): { body: string; rest: string; isDone: boolean } {
  const framing = new ChunkedFraming();
  let [body, rest] = ['', ''];
  for (let from = 0; from < text.length; from += pieceLength) {
    const piece = Buffer.from(text.slice(from, from + pieceLength), 'latin1');
    const end = framing.take(piece, 0, (start, stop) => {
      body += piece.toString('latin1', start, stop);
    });
    rest += piece.toString('latin1', end);
  }
  return { body, rest, isDone: framing.isDone };
}

describe('A chunked body', () => {
  const texts = fc.string({ minLength: 1, maxLength: 40, unit: 'binary-ascii' });

  it('is the same in whatever pieces it comes, and ends where it ends', () => {
    fc.assert(
      fc.property(
        fc.array(texts),
        fc.integer({ min: 1, max: 60 }),
        fc.constantFrom('', ';a=b'),
        fc.constantFrom('', 'x: y\r\n'),
        (chunks, length, extension, trailers) => {
          expect(unframe(`${framed(chunks, extension, trailers)}POST`, length)).toEqual({
            body: chunks.join(''),
            rest: 'POST',
            isDone: true,
          });
        },
      ),
    );
  });

  it.each([
    ['no size', '\r\n'],
    ['a size that is no number', 'x\r\n'],
    ['a negative size', '-1\r\n'],
    ['a size beyond all bodies', '123456789\r\n'],
    ['a lone line feed after the size', '3\nabc\r\n'],
    ['a chunk longer than its size', '3\r\nabcd\r\n'],
    ['a chunk without its end', '3\r\nabc0\r\n'],
    ['an endless extension', `3;${'x'.repeat(300)}\r\n`],
    ['an extension with a lone line feed', '3;a\nb\r\n'],
    ['endless trailers', `0\r\n${'x: y\r\n'.repeat(5_000)}`],
    ['a trailer with a lone line feed', '0\r\nx\ny\r\n\r\n'],
  ])('with %s is refused', (_, text) => {
    expect(() => unframe(text, 7)).toThrow('malformed');
  });

  it('that is cut off is not done', () => {
    const whole = framed(['abc']);
    for (let length = 0; length < whole.length; length += 1) expect(unframe(whole.slice(0, length), 100).isDone).toBe(false);
  });
});
