import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../testing/codes.js';
import { formatAddCheckpoint, parseAddCheckpoint } from './add-checkpoint.js';

/** The example of C2SP tlog-witness. */
const EXAMPLE = `old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
`;
const code = (text: string) => codeOf(() => parseAddCheckpoint(text));

describe('the request of a log to a witness', () => {
  it('is that of the specification', () => {
    const request = parseAddCheckpoint(EXAMPLE);
    expect(request).toMatchObject({ oldSize: 20852014, note: EXAMPLE.slice(EXAMPLE.indexOf('example.com')) });
    expect(request.proof).toHaveLength(4);
    expect(formatAddCheckpoint(request)).toBe(EXAMPLE);
  });

  it('may have no proof, and up to 63 hashes', () => {
    expect(parseAddCheckpoint('old 0\n\nnote')).toEqual({ oldSize: 0, proof: [], note: 'note' });
    const hash = new Uint8Array(32);
    const full = { oldSize: 1, proof: Array.from({ length: 63 }, () => hash), note: 'note' };
    expect(parseAddCheckpoint(formatAddCheckpoint(full))).toEqual(full);
    expect(codeOf(() => formatAddCheckpoint({ ...full, proof: [...full.proof, hash] }))).toBe(
      'witness.request_invalid',
    );
  });

  it.each([
    ['nothing', ''],
    ['no empty line', 'old 1\nnote'],
    ['no old size', EXAMPLE.slice(EXAMPLE.indexOf('\n') + 1)],
    ['a leading zero', EXAMPLE.replace('old 2', 'old 02')],
    ['a sign', EXAMPLE.replace('old 2', 'old +2')],
    ['two spaces', EXAMPLE.replace('old ', 'old  ')],
    ['a size beyond safe integers', 'old 9007199254740992\n\nnote'],
    ['a carriage return', EXAMPLE.replace('\n', '\r\n')],
    ['a short hash', EXAMPLE.replace('rupue0L7gxbj', 'rupue0L7')],
    ['a hash without its padding', EXAMPLE.replace('pkaw=', 'pkaw')],
    ['a long line', EXAMPLE.replace('PlRN', 'PlRN'.repeat(64))],
    ['too much of everything', `${EXAMPLE}${'x'.repeat(64 << 10)}`],
  ])('is refused with %s', (_, text) => {
    expect(code(text)).toBe('witness.request_invalid');
  });

  it('is read back as it was written, and no text is more than an error', () => {
    fc.assert(
      fc.property(
        fc.maxSafeNat(),
        fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 63 }),
        fc.string(),
        (oldSize, proof, note) => {
          expect(parseAddCheckpoint(formatAddCheckpoint({ oldSize, proof, note }))).toEqual({
            oldSize,
            proof,
            note,
          });
          expect(['nothing', 'witness.request_invalid']).toContain(code(note));
        },
      ),
    );
  });
});
