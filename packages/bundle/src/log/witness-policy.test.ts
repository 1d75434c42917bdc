import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BundleError } from '../error.js';
import { signingKeyFromSeed } from '../keys/signing-key.js';
import { codeOf } from '../testing/codes.js';
import { type WitnessVerifier, witnessVerifierOf } from './cosignature.js';
import { logVerifierOf } from './note.js';
import { parseWitnessPolicy } from './witness-policy.js';
import { checkQuorum } from './witness-quorum.js';

const seeded = (seed: number) => signingKeyFromSeed(new Uint8Array(32).fill(seed)).publicKey.raw;
const log = logVerifierOf('log.example/a', seeded(1));
const [x1, x2, x3, y1, y2, y3] = Array.from({ length: 6 }, (_, i) =>
  witnessVerifierOf(`witness.example/${i}`, seeded(10 + i)),
) as [WitnessVerifier, WitnessVerifier, WitnessVerifier, WitnessVerifier, WitnessVerifier, WitnessVerifier];

/** The example of C2SP tlog-policy, with keys, space and comments. */
const EXAMPLE = `log ${log.text} https://log.example/a

\t# one organisation
witness X1 ${x1.text} https://x1.example/
witness X2 ${x2.text}
  witness \t X3 ${x3.text}\t
group X-witnesses 2 X1 X2 X3

witness Y1 ${y1.text}
witness Y2 ${y2.text}
witness Y3 ${y3.text}
#another
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
`;

function problemOf(text: string): string {
  try {
    parseWitnessPolicy(text, 'witness.policy');
    return 'nothing';
  } catch (error) {
    if (!(error instanceof BundleError)) throw error;
    return `${error.code} ${error.message}`;
  }
}

describe('a witness policy', () => {
  it('is read as the specification shows it', () => {
    const policy = parseWitnessPolicy(EXAMPLE, 'witness.policy');
    expect(policy.logs).toEqual([log]);
    expect(policy.witnesses.map(({ name, url }) => [name, url])).toEqual([
      ['X1', 'https://x1.example/'],
      ['X2', undefined],
      ['X3', undefined],
      ['Y1', undefined],
      ['Y2', undefined],
      ['Y3', undefined],
    ]);
    expect(policy.groups).toEqual([
      { name: 'X-witnesses', threshold: 2, members: ['X1', 'X2', 'X3'] },
      { name: 'Y-witnesses', threshold: 1, members: ['Y1', 'Y2', 'Y3'] },
      { name: 'X-and-Y', threshold: 2, members: ['X-witnesses', 'Y-witnesses'] },
    ]);
    expect(policy.quorum).toBe('X-and-Y');
  });

  it.each([
    ['no quorum', `witness a ${x1.text}\n`, ':2: a policy needs one quorum line'],
    ['two quorums', 'quorum none\nquorum none\n', ':2: there may be only one quorum line'],
    ['a quorum of an unknown name', 'quorum a\n', ':1: "a" is not the name'],
    ['a quorum of two names', `witness a ${x1.text}\nquorum a a\n`, ':2: write quorum'],
    ['a name after its use', `quorum a\nwitness a ${x1.text}\n`, ':1: "a" is not the name'],
    ['a group of itself', 'group g any g\nquorum g\n', ':1: "g" is not the name'],
    ['a group of none', 'group g any none\nquorum g\n', ':1: "none" is not the name'],
    [
      'one name for two witnesses',
      `witness a ${x1.text}\nwitness a ${x2.text}\n`,
      ':2: the name "a" is used twice',
    ],
    [
      'one name for a witness and a group',
      `witness a ${x1.text}\ngroup a any a\n`,
      ':2: the name "a" is used twice',
    ],
    [
      'one key under two names',
      `witness a ${x1.text}\nwitness b ${witnessVerifierOf('other', seeded(10)).text}\n`,
      ':2: this witness is listed twice',
    ],
    ['one log twice', `log ${log.text}\nlog ${log.text}\n`, ':2: this log is listed twice'],
    [
      'a member of two groups',
      `witness a ${x1.text}\ngroup g any a\ngroup h any a g\n`,
      ':3: "a" is a member already',
    ],
    ['a member listed twice', `witness a ${x1.text}\ngroup g 2 a a\n`, ':2: "a" is a member already'],
    ['a threshold of 0', `witness a ${x1.text}\ngroup g 0 a\n`, ':2: "0" is not all, any, or a number'],
    ['too high a threshold', `witness a ${x1.text}\ngroup g 2 a\n`, ':2: "2" is not all, any, or a number'],
    ['a negative threshold', `witness a ${x1.text}\ngroup g -1 a\n`, ':2: "-1" is not all'],
    ['an empty group', 'group g any\nquorum g\n', ':1: write group'],
    ['a witness called none', `witness none ${x1.text}\n`, ':1: "none" cannot be a name'],
    ['the key of a log for a witness', `witness a ${log.text}\n`, ':1: the witness key is not valid'],
    ['the key of a witness for a log', `log ${x1.text}\n`, ':1: the log key is not valid'],
    ['a url that is none', `witness a ${x1.text} file:///etc\n`, ':1: "file:///etc" is not an http'],
    ['a comment at the end of a line', `witness a ${x1.text} # mine\n`, ':1: write witness'],
    ['an unknown line', 'quorum none\nwitnesses 2\n', ':2: "witnesses" is not log'],
    ['a carriage return', 'quorum none\r\n', ':1: it holds a control character'],
    ['an escape', 'quorum \u001b[2J\n', ':1: it holds a control character'],
    ['a direction mark in a name', 'quorum a\u202eb\n', ':1: "a\\u202eb" is not the name'],
    ['too much of it', '#'.repeat((64 << 10) + 1), 'longer than 65536'],
  ])('is refused with %s', (_, text, problem) => {
    expect(problemOf(text)).toContain('witness.policy_invalid witness.policy:');
    expect(problemOf(text)).toContain(problem);
  });

  it('holds 63 witnesses and no more', () => {
    const lines = (count: number) =>
      Array.from(
        { length: count },
        (__, i) => `witness w${i} ${witnessVerifierOf('w', seeded(20 + i)).text}\n`,
      ).join('');
    expect(problemOf(`${lines(63)}quorum none\n`)).toBe('nothing');
    expect(problemOf(`${lines(64)}quorum none\n`)).toContain(':64: there are more than 63 witnesses');
  });

  it('gives no text more than an error', () => {
    const words = fc.constantFrom(
      'log',
      'witness',
      'group',
      'quorum',
      'any',
      'none',
      'a',
      x1.text,
      '\n',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string())), (parts) => {
        const code = codeOf(() => parseWitnessPolicy(parts.join(' '), 'p'));
        expect(['nothing', 'witness.policy_invalid']).toContain(code);
      }),
    );
  });
});

describe('a quorum', () => {
  const policy = parseWitnessPolicy(EXAMPLE, 'witness.policy');

  it('is met by enough of each group', () => {
    expect(checkQuorum(policy, [x1, x3, y2]).met).toBe(true);
    expect(checkQuorum(policy, [x1, x2, x3, y1, y2, y3]).met).toBe(true);
    expect(checkQuorum(policy, [x1, y1, y2, y3])).toEqual({
      met: false,
      detail: '1 of 2 groups of witnesses',
    });
    expect(checkQuorum(policy, [x1, x2, x3])).toEqual({ met: false, detail: '1 of 2 groups of witnesses' });
    expect(checkQuorum(policy, [])).toEqual({ met: false, detail: '0 of 2 groups of witnesses' });
  });

  it('counts a witness once, however often it is listed', () => {
    const two = parseWitnessPolicy(
      `witness a ${x1.text}\nwitness b ${x2.text}\ngroup g 2 a b\nquorum g\n`,
      'p',
    );
    expect(checkQuorum(two, [x1, x1, x1])).toEqual({ met: false, detail: '1 of 2 witnesses' });
    expect(checkQuorum(two, [x1, y1])).toEqual({ met: false, detail: '1 of 2 witnesses' });
    expect(checkQuorum(two, [x2, x1]).met).toBe(true);
  });

  it('may be one witness, or none', () => {
    const one = parseWitnessPolicy(`witness a ${x1.text}\nquorum a\n`, 'p');
    expect(checkQuorum(one, [x2])).toEqual({ met: false, detail: '0 of 1 witness' });
    expect(checkQuorum(one, [x1]).met).toBe(true);
    expect(checkQuorum(parseWitnessPolicy('quorum none', 'p'), []).met).toBe(true);
  });

  it('is what counting says, for every threshold and every set', () => {
    const all = [x1, x2, x3, y1, y2, y3];
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.subarray(all), (threshold, cosigned) => {
        const lines = all.map((w, i) => `witness w${i} ${w.text}`);
        const members = all.map((__, i) => `w${i}`).join(' ');
        const text = [...lines, `group g ${threshold} ${members}`, 'quorum g'].join('\n');
        expect(checkQuorum(parseWitnessPolicy(text, 'p'), cosigned).met).toBe(cosigned.length >= threshold);
      }),
    );
  });
});
