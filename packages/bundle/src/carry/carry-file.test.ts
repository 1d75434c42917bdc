import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ArchiveFile, packTar, readTar } from '../archive/tar.js';
import { encodeUtf8 } from '../encoding/bytes.js';
import { PAYLOAD_TYPE_STATEMENT, signEnvelope } from '../statement/envelope.js';
import { codeOf } from '../testing/codes.js';
import { createWorldLog } from '../testing/world-log.js';
import { createWorld, STRANGER } from '../testing/world.js';
import { type CarryFile, packCarryFile, readCarryFile } from './carry-file.js';

const world = await createWorld();
const log = createWorldLog();
log.append({ type: 'ns.create' });
const standing = await log.standing([0]);
const { receipt, blob } = world;
const published: CarryFile = { blob, envelope: receipt.envelope, receipt, standing };
const signed: CarryFile = { blob, envelope: receipt.envelope };
const files = readTar(packCarryFile(published));

function nth(all: readonly ArchiveFile[], at: number): ArchiveFile {
  const file = all[at];
  if (file === undefined) throw new Error(`no file ${at}`);
  return file;
}

function repacked(change: (files: readonly ArchiveFile[]) => readonly ArchiveFile[]): Uint8Array {
  return packTar(change(files));
}

describe('carry files', () => {
  it.each([
    ['a receipt and a standing', published],
    ['a receipt', { blob, envelope: receipt.envelope, receipt }],
    ['an envelope', signed],
  ])('survive a round trip with %s', (_, carry) => {
    expect(readCarryFile(packCarryFile(carry))).toEqual(carry);
  });

  it('hold what their name says, in a canonical tar', () => {
    expect(files.map(({ path }) => path)).toEqual(['bundle.tar.gz', 'receipt.json', 'standing.json']);
    expect(readTar(packCarryFile(signed)).map(({ path }) => path)).toEqual([
      'bundle.tar.gz',
      'envelope.json',
    ]);
  });

  const receiptFile = nth(files, 1);
  const envelopeFile = nth(readTar(packCarryFile(signed)), 1);
  const standingFile = nth(files, 2);
  it.each<readonly [string, () => Uint8Array]>([
    ['no tar', () => encodeUtf8('sheaf')],
    ['nothing inside', () => packTar([])],
    ['no bundle', () => repacked((all) => all.slice(1))],
    ['no receipt and no envelope', () => repacked((all) => all.slice(0, 1))],
    ['a receipt and an envelope', () => repacked((all) => [...all.slice(0, 2), envelopeFile])],
    ['an envelope and a standing', () => repacked((all) => [nth(all, 0), envelopeFile, standingFile])],
    ['another file', () => repacked((all) => [...all.slice(0, 2), { ...receiptFile, path: 'a' }])],
    ['four files', () => repacked((all) => [...all, { ...receiptFile, path: 'a' }])],
    ['an executable file', () => repacked((all) => all.map((file) => ({ ...file, executable: true })))],
    [
      'a receipt that is not canonical',
      () =>
        repacked((all) =>
          all.map((file) =>
            file.path === 'receipt.json'
              ? { ...file, bytes: encodeUtf8(` ${new TextDecoder().decode(file.bytes)}`) }
              : file,
          ),
        ),
    ],
    [
      'a receipt that is none',
      () =>
        repacked((all) =>
          all.map((file) => (file.path === 'receipt.json' ? { ...file, bytes: encodeUtf8('{}') } : file)),
        ),
    ],
    ['bytes after its end', () => Uint8Array.from([...packCarryFile(signed), ...new Uint8Array(512)])],
  ])('are refused with %s', (_, bytes) => {
    expect(codeOf(() => readCarryFile(bytes()))).toBe('carry.invalid');
  });

  it.each([
    ['nothing', new Uint8Array(0), 'it is empty'],
    ['a bundle', Uint8Array.of(0x1f, 0x8b, 8, 0), 'it is a packed bundle alone, without its signature'],
    ['a text', encodeUtf8('hello\n'.repeat(200)), 'it is another kind of file'],
    ['one that was cut short', packCarryFile(published).subarray(0, 3000), 'its end is missing'],
  ])('say what %s is instead', (_, bytes, problem) => {
    expect(() => readCarryFile(bytes)).toThrow(
      expect.objectContaining({ message: `the file is not a carry file: ${problem}` }),
    );
  });

  it('cannot be packed when their parts do not belong together', () => {
    const other = signEnvelope(PAYLOAD_TYPE_STATEMENT, encodeUtf8('x'), [STRANGER]);
    expect(codeOf(() => packCarryFile({ ...published, envelope: other }))).toBe('carry.invalid');
    expect(codeOf(() => packCarryFile({ ...signed, standing }))).toBe('carry.invalid');
    expect(codeOf(() => packCarryFile({ ...signed, blob: new Uint8Array(34 << 20) }))).toBe('carry.invalid');
  });

  it('never read as another release after any change of a byte, and never crash', () => {
    const bytes = packCarryFile(published);
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Uint8Array.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ flip;
        let read: CarryFile | undefined;
        const code = codeOf(() => (read = readCarryFile(changed)));
        // What still reads differs inside its parts, whose own digests and signatures are checked next.
        if (read !== undefined) expect(packCarryFile(read)).toEqual(changed);
        else expect(code).toBe('carry.invalid');
      }),
      { numRuns: 500 },
    );
  });
});
