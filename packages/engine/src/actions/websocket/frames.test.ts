import { array, assert, integer, oneof, property, string, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFrameReader, encodeFrame, FrameError, OPCODES, type Said } from './frames.js';

/** A frame as a server sends it: the same without its mask. */
function serverFrame(opcode: number, payload: Uint8Array, isLast = true): Buffer {
  const masked = encodeFrame(opcode, payload, new Uint8Array(4));
  const from = masked.length - payload.length;
  const frame = Buffer.concat([masked.subarray(0, from - 4), payload]);
  frame[0] = (isLast ? 0x80 : 0) | opcode;
  frame[1] = (frame[1] ?? 0) & 0x7f;
  return frame;
}

const codeOf = (bytes: Uint8Array, maxBytes = 1000): number | undefined => {
  try {
    createFrameReader(maxBytes).take(bytes);
    return undefined;
  } catch (error) {
    return error instanceof FrameError ? error.code : 0;
  }
};

describe('frames of a WebSocket', () => {
  it('are as in the examples of RFC 6455, 5.7', () => {
    const hello = Buffer.from('Hello');
    expect(encodeFrame(1, hello, Buffer.from('37fa213d', 'hex')).toString('hex')).toBe(
      '818537fa213d7f9f4d5158',
    );
    const read = (hex: string): readonly Said[] => createFrameReader(100).take(Buffer.from(hex, 'hex'));
    expect(read('810548656c6c6f')).toEqual([{ kind: 'text', text: 'Hello' }]);
    expect(read('010348656c80026c6f')).toEqual([{ kind: 'text', text: 'Hello' }]);
    expect(read('890548656c6c6f')).toMatchObject([{ kind: 'ping' }]);
    expect(read('880203e8')).toEqual([{ kind: 'close', code: 1000 }]);
  });

  it('give the same texts however they are cut, in fragments and with pings between', () => {
    const message = array(string({ unit: 'grapheme', maxLength: 300 }), { minLength: 1, maxLength: 4 });
    assert(
      property(
        array(oneof(message, integer({ min: 0, max: 125 })), { maxLength: 8 }),
        array(integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 }),
        (messages, cuts) => {
          const frames: Buffer[] = [];
          const expected: (string | number)[] = [];
          for (const one of messages) {
            if (typeof one === 'number') {
              frames.push(serverFrame(OPCODES.ping, Buffer.alloc(one)));
              expected.push(one);
              continue;
            }
            for (const [index, part] of one.entries()) {
              const isLast = index === one.length - 1;
              frames.push(
                serverFrame(index === 0 ? OPCODES.text : OPCODES.continuation, Buffer.from(part), isLast),
              );
              if (!isLast) {
                frames.push(serverFrame(OPCODES.ping, Buffer.alloc(1)));
                expected.push(1);
              }
            }
            expected.push(one.join(''));
          }
          const bytes = Buffer.concat(frames);
          const reader = createFrameReader(100_000);
          const heard: (string | number)[] = [];
          for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
            const end = at + (cuts[turn % cuts.length] ?? 1);
            for (const said of reader.take(bytes.subarray(at, end))) {
              if (said.kind === 'text') heard.push(said.text);
              else if (said.kind === 'ping') heard.push(said.payload.length);
            }
            at = end;
          }
          expect(heard).toEqual(expected);
        },
      ),
    );
  });

  it.each([125, 126, 65_535, 65_536])('hold %i bytes', (length) => {
    const text = 'x'.repeat(length);
    expect(createFrameReader(100_000).take(serverFrame(1, Buffer.from(text)))).toEqual([
      { kind: 'text', text },
    ]);
  });

  it.each([
    ['masked, as only clients send', encodeFrame(1, Buffer.from('x'), Buffer.alloc(4)), 1002],
    ['larger than is taken', serverFrame(1, Buffer.alloc(1001)), 1009],
    [
      'larger than is taken in fragments',
      Buffer.concat([serverFrame(1, Buffer.alloc(600), false), serverFrame(0, Buffer.alloc(600))]),
      1009,
    ],
    ['said to be enormous', Buffer.from('817fffffffffffffffff', 'hex'), 1009],
    ['with an extension', Buffer.from('c10178', 'hex'), 1002],
    ['a control frame in fragments', Buffer.from('0900', 'hex'), 1002],
    ['a control frame that is long', Buffer.from('897e0080', 'hex'), 1002],
    ['a fragment of nothing', serverFrame(0, Buffer.from('x')), 1002],
    [
      'a text within a text',
      Buffer.concat([serverFrame(1, Buffer.from('x'), false), serverFrame(1, Buffer.from('y'))]),
      1002,
    ],
    ['binary', serverFrame(2, Buffer.from('x')), 1003],
    ['of an unknown kind', serverFrame(3, Buffer.from('x')), 1002],
    ['no UTF-8', serverFrame(1, Buffer.from([0xff])), 1007],
  ])('are refused when they are %s', (_, bytes, code) => {
    expect(codeOf(bytes)).toBe(code);
  });

  it('never make the reader fail in another way', () => {
    assert(
      property(uint8Array({ maxLength: 200 }), (bytes) => {
        expect(codeOf(bytes)).not.toBe(0);
      }),
    );
  });
});
