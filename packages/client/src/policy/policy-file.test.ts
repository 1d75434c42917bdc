import type { KeyId } from '@sheaf/bundle';
import { readTomlDocument } from '@sheaf/workflow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { thrown } from '../testing/failure.js';
import { createTestLog } from '../testing/test-log.js';
import { durationText, findDurationMs } from './duration.js';
import { allowKeys, disallow } from './edit-policy.js';
import { matchesGlob } from './glob.js';
import { parseTrustPolicy, readPolicyTable } from './parse-policy.js';

const [A, B] = ['a'.repeat(64) as KeyId, 'b'.repeat(64) as KeyId];
const LOG_KEY = createTestLog({ origin: 'wf.example.com/log/public' }).logKey;
const FULL = `version = 1
mode = "allowlist"
min_release_age = "24h"
on_signer_change = "endorsed"
on_yanked = "error"

[[registry]]
origin = "wf.example.com"
log_key = "${LOG_KEY}"
max_age = "6h"

# ana's laptop
[[publisher]]
namespace = "acme-*"
registry = "wf.example.com"
keys = [
  "${A}", # old
  "${B}",
]
threshold = 2
min_release_age = "1h"

[[publisher]]
namespace = "evil"
deny = true
`;

describe('parseTrustPolicy', () => {
  it('reads every setting, with the line of each rule', () => {
    expect(parseTrustPolicy(FULL, 'trust.toml')).toEqual({
      file: 'trust.toml',
      mode: 'allowlist',
      minReleaseAgeMs: 86_400_000,
      onSignerChange: 'endorsed',
      onYanked: 'error',
      registries: [
        {
          origin: 'wf.example.com',
          logKey: LOG_KEY,
          maxAgeMs: 21_600_000,
          place: { file: 'trust.toml', line: 7 },
        },
      ],
      publishers: [
        {
          namespace: 'acme-*',
          registry: 'wf.example.com',
          keys: [A, B],
          threshold: 2,
          minReleaseAgeMs: 3_600_000,
          deny: false,
          place: { file: 'trust.toml', line: 13 },
        },
        { namespace: 'evil', keys: [], threshold: 1, deny: true, place: { file: 'trust.toml', line: 23 } },
      ],
    });
  });

  it.each([
    ['', 'f:1:1: version is missing'],
    ['version = 2', 'f:1:11: version is not 1'],
    ['version = 1\nmode = "trust"', 'f:2:8: "trust" is not a known mode'],
    ['version = 1\nmodus = "tofu"', 'f:2:9: there is no setting called "modus"'],
    ['version = 1\nmin_release_age = "1 day"', 'f:2:19: "1 day" is not a duration'],
    ['version = 1\npublisher = 1', 'f:2:13: publisher must be written [[publisher]]'],
    ['version = 1\n[[publisher]]\nkeys = []', 'namespace is missing'],
    ['version = 1\n[[publisher]]\nnamespace = "acme"', 'keys is missing'],
    ['version = 1\n[[publisher]]\nnamespace = "Acme"\ndeny = true', 'f:3:13: "Acme" names no namespace'],
    [
      `version = 1\n[[publisher]]\nnamespace = "a"\nkeys = ["${A}", "${A}"]`,
      'f:4:8: one key is listed twice',
    ],
    [`version = 1\n[[publisher]]\nnamespace = "a"\nkeys = ["x"]`, 'f:4:8: "x" is not the id of a key'],
    [
      `version = 1\n[[publisher]]\nnamespace = "a"\nkeys = ["${A}"]\nthreshold = 2`,
      'f:5:13: threshold is not',
    ],
    [
      `version = 1\n[[publisher]]\nnamespace = "a"\nkeys = ["${A}"]\ndeny = true`,
      'f:4:8: a rule that denies',
    ],
    [
      `version = 1\n[[registry]]\norigin = "x.example"\nlog_key = "${LOG_KEY}"`,
      'f:4:11: log_key is not the key of x.example/log/public, but of "wf.example.com/log/public"',
    ],
    [
      `version = 1\n[[registry]]\norigin = "wf.example.com"\nlog_key = "${LOG_KEY.replace('/VLb', '/VLc')}"`,
      'f:4:11: the log key is not valid: its hash is not that of its name and key',
    ],
    ['version = 1\n[[registry]]\norigin = "a b"', 'f:3:10: "a b" is no origin'],
    ['version = 1\n[publisher]\n__proto__ = 1', 'f:'],
    ['version = ', 'f:1:'],
  ])('says where %j is wrong', async (text, message) => {
    const error = await thrown(() => parseTrustPolicy(text, 'f'), 'policy.invalid');
    expect(error.message).toContain(message);
    expect(error.hint).toBeTruthy();
  });

  it('never throws anything but its own error', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('version = 1\n', '[[publisher]]\n', 'keys = [', '"', '\n'),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        try {
          parseTrustPolicy(pieces.join(''), 'f');
        } catch (error) {
          expect(error).toMatchObject({ name: 'ClientError', code: 'policy.invalid' });
        }
      }),
    );
  });

  it('reads [policy] of a project alike', () => {
    const read = readTomlDocument(
      '[policy]\nmode = "deny"\n[[policy.publisher]]\nnamespace = "x"\ndeny = true\n',
    );
    if ('problem' in read) throw new Error(read.problem.message);
    expect(readPolicyTable(read.document, 'sheaf.toml')).toMatchObject({
      mode: 'deny',
      publishers: [{ namespace: 'x', deny: true, place: { file: 'sheaf.toml', line: 3 } }],
    });
  });
});

describe('an edit', () => {
  it('begins a file, then adds to the same rule', () => {
    const first = allowKeys('', 'f', { namespace: 'acme' }, { keys: [A] });
    expect(first.text).toBe(
      `version = 1\n\n[[publisher]]\nnamespace = "acme"\nkeys = ["${A}"]\nthreshold = 1\n`,
    );
    const second = allowKeys(first.text, 'f', { namespace: 'acme' }, { keys: [B, A], threshold: 2 });
    expect(second.rule).toMatchObject({ keys: [A, B], threshold: 2, place: { line: 3 } });
    expect(allowKeys(second.text, 'f', { namespace: 'acme' }, { keys: [A] }).isChanged).toBe(false);
  });

  it('leaves every other byte as it is', () => {
    const subject = { namespace: 'acme-*', registry: 'wf.example.com' };
    const C = 'c'.repeat(64) as KeyId;
    const { text } = allowKeys(FULL, 'f', subject, { keys: [C] });
    const [before = '', after = ''] = FULL.split(/\[\[publisher\]\]\nnamespace = "acme-\*"[^]*?"1h"\n/);
    expect(text.startsWith(before) && text.endsWith(after)).toBe(true);
    expect(parseTrustPolicy(text, 'f').publishers[0]).toMatchObject({
      keys: [A, B, C],
      threshold: 2,
      minReleaseAgeMs: 3_600_000,
    });
    const gone = disallow(text, 'f', subject).text;
    expect(gone.startsWith(before) && gone.endsWith(after)).toBe(true);
    expect(parseTrustPolicy(gone, 'f').publishers).toHaveLength(1);
  });

  it('keeps comments, line endings and durations as they are written', () => {
    const C = 'c'.repeat(64) as KeyId;
    const head =
      'version = 1\r\n\r\n[[publisher]] # ana\r\nnamespace = "acme"\r\n# the laptop\r\nkeys = [\r\n';
    const tail = 'min_release_age = "0s" # at once\r\n';
    const text = `${head}  "${A}", # until May\r\n  '${B}' # since\r\n]\r\n${tail}`;
    const subject = { namespace: 'acme' };
    const more = allowKeys(text, 'f', subject, { keys: [C] });
    expect(more.text).toBe(`${head}  "${A}", # until May\r\n  '${B}', # since\r\n  "${C}"\r\n]\r\n${tail}`);
    expect(disallow(more.text, 'f', subject, A).text).toBe(
      `${head}  '${B}', # since\r\n  "${C}"\r\n]\r\n${tail}`,
    );
    expect(allowKeys(text, 'f', subject, { keys: [A], threshold: 2 }).text).toBe(
      text.replace('namespace = "acme"\r\n', 'namespace = "acme"\r\nthreshold = 2\r\n'),
    );
    const other = allowKeys(text, 'f', { namespace: 'acme', registry: 'b.example' }, { keys: [C] }).text;
    expect(other.startsWith(text)).toBe(true);
    expect(other.slice(text.length)).toContain('min_release_age = "0s"\r\n');
    expect(other.replaceAll('\r\n', '')).not.toContain('\n');
  });

  it('changes keys on one line, and a threshold, in their place', () => {
    const text = `version = 1\n[[publisher]]\nnamespace = "acme"\nkeys = ["${A}", "${B}",] # two\nthreshold = 2 # both\n`;
    const C = 'c'.repeat(64) as KeyId;
    const subject = { namespace: 'acme' };
    expect(allowKeys(text, 'f', subject, { keys: [C], threshold: 1 }).text).toBe(
      text.replace(`"${B}",]`, `"${B}", "${C}",]`).replace('= 2 #', '= 1 #'),
    );
    const one = allowKeys(text, 'f', subject, { keys: [A], threshold: 1 }).text;
    expect(disallow(one, 'f', subject, A).text).toContain(`keys = ["${B}",] # two\nthreshold = 1 # both`);
    expect(disallow(one, 'f', subject, B).text).toContain(`keys = ["${A}", ] # two`);
  });

  it('begins a rule about one registry with what the one about any says', () => {
    const text = `version = 1\n[[publisher]]\nnamespace = "acme"\nkeys = ["${A}"]\n`;
    const { rule } = allowKeys(text, 'f', { namespace: 'acme', registry: 'wf.example.com' }, { keys: [B] });
    expect(rule).toMatchObject({ keys: [A, B], threshold: 1, registry: 'wf.example.com' });
  });

  it('makes another rule for another registry, and touches none that denies', () => {
    const { text } = allowKeys(FULL, 'f', { namespace: 'evil' }, { keys: [A] });
    expect(parseTrustPolicy(text, 'f').publishers.map(({ namespace, deny }) => [namespace, deny])).toEqual([
      ['acme-*', false],
      ['evil', true],
      ['evil', false],
    ]);
    expect(disallow(FULL, 'f', { namespace: 'evil' }).isChanged).toBe(false);
    expect(disallow(FULL, 'f', { namespace: 'acme-*' }).isChanged).toBe(false);
  });

  it('takes one key, but not below the threshold, and the rule with its last key', async () => {
    const { text } = allowKeys('', 'f', { namespace: 'acme' }, { keys: [A, B], threshold: 2 });
    await thrown(() => disallow(text, 'f', { namespace: 'acme' }, A), 'policy.invalid');
    const one = allowKeys('', 'f', { namespace: 'acme' }, { keys: [A, B] }).text;
    const left = disallow(one, 'f', { namespace: 'acme' }, A);
    expect(left.rule?.keys).toEqual([B]);
    expect(disallow(left.text, 'f', { namespace: 'acme' }, B).text.trim()).toBe('version = 1');
  });

  it('does not touch a rule that is written in another way', async () => {
    const inline = `version = 1\npublisher = [{ namespace = "acme", keys = ["${A}"] }]\n`;
    const error = await thrown(
      () => allowKeys(inline, 'f', { namespace: 'acme' }, { keys: [B] }),
      'policy.invalid',
    );
    expect(error.hint).toContain('by hand');
  });

  it('of any file that parses gives a file in which all other rules are as before', () => {
    const someRule = fc.record({
      namespace: fc.constantFrom('acme', 'tools', 'a*'),
      lines: fc.array(fc.constantFrom('# note', '', '  # [[publisher]]'), { maxLength: 3 }),
      isTight: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.uniqueArray(someRule, { selector: (r) => r.namespace }), (rules) => {
        const text = `version = 1\n${rules
          .map(
            ({ namespace, lines, isTight }) =>
              `${lines.join('\n')}\n  [[ publisher ]]\nnamespace = "${namespace}"\nkeys = [${isTight ? '' : '\n'}"${A}"]\n`,
          )
          .join('')}`;
        const edited = allowKeys(text, 'f', { namespace: 'acme' }, { keys: [B] });
        const others = (source: string) =>
          parseTrustPolicy(source, 'f')
            .publishers.filter(({ namespace }) => namespace !== 'acme')
            .map(({ namespace, keys }) => ({ namespace, keys }));
        expect(others(edited.text)).toEqual(others(text));
        expect(edited.rule?.keys).toContain(B);
        expect(others(disallow(edited.text, 'f', { namespace: 'acme' }).text)).toEqual(others(text));
        const comments = (source: string) => source.split('\n').filter((line) => line.includes('#')).length;
        expect(comments(edited.text)).toBe(comments(text));
      }),
    );
  });
});

describe('a pattern', () => {
  it('matches as the regular expression of it does', () => {
    const pattern = fc.array(fc.constantFrom('a', 'b', '*'), { maxLength: 8 }).map((p) => p.join(''));
    const name = fc.array(fc.constantFrom('a', 'b'), { maxLength: 10 }).map((p) => p.join(''));
    fc.assert(
      fc.property(pattern, name, (glob, text) => {
        const expected = new RegExp(`^${glob.replaceAll('*', '.*')}$`).test(text);
        expect(matchesGlob(glob, text)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });
});

it('reads back the durations that it writes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3650 * 86_400 }), (seconds) => {
      expect(findDurationMs(durationText(seconds * 1000))).toBe(seconds * 1000);
    }),
  );
});
