/** A frame of the WebSocket protocol (RFC 6455, 5.2) that a client sends; `mask` is 4 random bytes. */
export function encodeFrame(opcode: number, payload: Uint8Array, mask: Uint8Array): Buffer {
  const { length } = payload;
  const extra = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const frame = Buffer.alloc(2 + extra + 4 + length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (extra === 0 ? length : extra === 2 ? 126 : 127);
  if (extra === 2) frame.writeUInt16BE(length, 2);
  if (extra === 8) frame.writeBigUInt64BE(BigInt(length), 2);
  frame.set(mask, 2 + extra);
  const from = 6 + extra;
  for (let at = 0; at < length; at += 1) frame[from + at] = (payload[at] ?? 0) ^ (mask[at & 3] ?? 0);
  return frame;
}

export const OPCODES = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** What a server has said. */
export type Said =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'ping' | 'pong'; readonly payload: Uint8Array }
  | { readonly kind: 'close'; readonly code: number | undefined };

/** A server broke the rules; `code` is what the connection is closed with (7.4.1). */
export class FrameError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.name = 'FrameError';
    this.code = code;
  }
}

/** Reads frames as they come. */
export interface FrameReader {
  /** All that is whole by now. Throws FrameError; nothing can be read after that. */
  take(chunk: Uint8Array): readonly Said[];
}

/** Reads what a server sends: texts of at most so many bytes, whole or in fragments, with control frames between them. */
export function createFrameReader(maxBytes: number): FrameReader {
  let chunks: Uint8Array[] = [];
  let size = 0;
  let needed = 2;
  let fragments: Uint8Array[] | undefined;
  let fragmentBytes = 0;

  const readText = (isLast: boolean, payload: Uint8Array): Said | undefined => {
    fragments = [...(fragments ?? []), payload];
    fragmentBytes += payload.length;
    if (fragmentBytes > maxBytes) throw tooLarge(maxBytes);
    if (!isLast) return undefined;
    const whole = Buffer.concat(fragments);
    fragments = undefined;
    fragmentBytes = 0;
    return { kind: 'text', text: decodeText(whole) };
  };

  const read = ({ opcode, isLast, payload }: Frame): Said | undefined => {
    switch (opcode) {
      case OPCODES.text:
        if (fragments !== undefined) throw new FrameError(1002, 'a message begins within another');
        return readText(isLast, payload);
      case OPCODES.continuation:
        if (fragments === undefined) throw new FrameError(1002, 'a fragment of no message');
        return readText(isLast, payload);
      case OPCODES.ping:
        return { kind: 'ping', payload };
      case OPCODES.pong:
        return { kind: 'pong', payload };
      case OPCODES.close:
        return { kind: 'close', code: payload.length < 2 ? undefined : Buffer.from(payload).readUInt16BE(0) };
      case OPCODES.binary:
        throw new FrameError(1003, 'a message that is no text');
      default:
        throw new FrameError(1002, 'a frame of an unknown kind');
    }
  };

  return {
    take: (chunk) => {
      chunks.push(chunk);
      size += chunk.length;
      // Joined only when a frame can be whole, so that many small chunks of a large one are joined once.
      if (size < needed) return [];
      let rest: Buffer = Buffer.concat(chunks);
      const said: Said[] = [];
      for (;;) {
        const found = readFrame(rest, maxBytes);
        if ('needed' in found) {
          needed = found.needed;
          break;
        }
        const one = read(found);
        if (one !== undefined) said.push(one);
        rest = rest.subarray(found.end);
      }
      chunks = [rest];
      size = rest.length;
      return said;
    },
  };
}

interface Frame {
  readonly opcode: number;
  readonly isLast: boolean;
  readonly payload: Uint8Array;
  /** Where the next one begins. */
  readonly end: number;
}

function readFrame(bytes: Buffer, maxBytes: number): Frame | { readonly needed: number } {
  if (bytes.length < 2) return { needed: 2 };
  const [first = 0, second = 0] = bytes;
  const opcode = first & 0x0f;
  const isLast = (first & 0x80) !== 0;
  if ((first & 0x70) !== 0) throw new FrameError(1002, 'an extension that was not agreed on');
  if ((second & 0x80) !== 0) throw new FrameError(1002, 'a masked frame, which only clients send');
  const short = second & 0x7f;
  if (opcode >= 8 && (short > 125 || !isLast)) throw new FrameError(1002, 'a control frame that is too long');
  const from = short === 127 ? 10 : short === 126 ? 4 : 2;
  if (bytes.length < from) return { needed: from };
  const length =
    short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short;
  if (length > maxBytes) throw tooLarge(maxBytes);
  const end = from + length;
  if (bytes.length < end) return { needed: end };
  return { opcode, isLast, payload: bytes.subarray(from, end), end };
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new FrameError(1007, 'a text that is no UTF-8');
  }
}

function tooLarge(maxBytes: number): FrameError {
  return new FrameError(1009, `a message of more than ${maxBytes} bytes`);
}
