import { StringDecoder } from 'node:string_decoder';

/** A line without an end is passed on when it has grown to this. */
const MAX_LINE = 16 * 1024;

/** Cuts the output of steps into lines, each stream of each step by itself. */
export interface LineSplitter {
  push(step: string, stream: string, chunk: Uint8Array): readonly string[];
  /** The last line of a step, when it had no end. */
  flush(step: string): readonly string[];
}

export function createLineSplitter(): LineSplitter {
  const open = new Map<string, Map<string, { readonly decoder: StringDecoder; rest: string }>>();
  return {
    push: (step, stream, chunk) => {
      const streams = open.get(step) ?? new Map<string, { readonly decoder: StringDecoder; rest: string }>();
      open.set(step, streams);
      const state = streams.get(stream) ?? { decoder: new StringDecoder('utf8'), rest: '' };
      streams.set(stream, state);
      const lines = (
        state.rest + state.decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
      ).split('\n');
      state.rest = lines.pop() ?? '';
      if (state.rest.length > MAX_LINE) {
        lines.push(state.rest);
        state.rest = '';
      }
      return lines.map(lastOverwritten);
    },
    flush: (step) => {
      const streams = [...(open.get(step)?.values() ?? [])];
      open.delete(step);
      return streams
        .map(({ decoder, rest }) => rest + decoder.end())
        .filter((line) => line !== '')
        .map(lastOverwritten);
    },
  };
}

/** Of a line that a program drew again and again with carriage returns, what stood there last. */
function lastOverwritten(line: string): string {
  let end = line.length;
  while (line[end - 1] === '\r') end--;
  return end === 0 ? '' : line.slice(line.lastIndexOf('\r', end - 1) + 1, end);
}
