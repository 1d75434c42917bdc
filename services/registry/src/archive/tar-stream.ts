/** POSIX ustar as an archive uses it: regular files of mode 0644, and nothing else, in one encoding. */
export const BLOCK = 512;

/** Largest file in bytes that a header can say, in eleven octal digits. */
const MAX_SIZE = 8 ** 11 - 1;
const MAX_NAME = 100;
const MAX_PREFIX = 155;

/** The header of a file. @throws Error for a name that a header cannot hold */
export function tarHeader(name: string, sizeBytes: number): Buffer {
  if (sizeBytes > MAX_SIZE) throw new Error(`${name} is too large for an archive`);
  const [prefix, rest] = splitName(name);
  const header = Buffer.alloc(BLOCK);
  header.write(rest, 0, 'latin1');
  header.write('0000644\0', 100, 'latin1');
  header.write('0000000\0'.repeat(2), 108, 'latin1');
  header.write(`${sizeBytes.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  header.write('00000000000\0', 136, 'latin1');
  header.write(' '.repeat(8), 148, 'latin1');
  header.write('0', 156, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  header.write('0000000\0'.repeat(2), 329, 'latin1');
  header.write(prefix, 345, 'latin1');
  let sum = 0;
  for (const byte of header) sum += byte;
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

/** How many bytes a header says that follow; undefined when it is not the header that this name and size have. */
export function sizeInHeader(header: Buffer, name: string): number | undefined {
  const text = header.toString('latin1', 124, 135);
  if (!/^[0-7]{11}$/.test(text)) return undefined;
  const size = Number.parseInt(text, 8);
  // The one encoding: whatever else a header may mean to other programs, it is not this.
  return Buffer.compare(tarHeader(name, size), header) === 0 ? size : undefined;
}

/** Zeros after a file, up to the next block. */
export function paddingOf(sizeBytes: number): number {
  return (BLOCK - (sizeBytes % BLOCK)) % BLOCK;
}

function splitName(name: string): readonly [prefix: string, rest: string] {
  if (!/^[\x21-\x7e]+$/.test(name)) throw new Error(`${JSON.stringify(name)} is no name of an archive`);
  if (name.length <= MAX_NAME) return ['', name];
  const at = name.lastIndexOf('/', MAX_PREFIX);
  if (at < 1 || name.length - at - 1 > MAX_NAME) throw new Error(`${name} is too long for an archive`);
  return [name.slice(0, at), name.slice(at + 1)];
}
