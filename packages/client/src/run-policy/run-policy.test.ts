import {
  encodeEnvelope,
  generateSigningKey,
  PAYLOAD_TYPE_POLICY,
  PAYLOAD_TYPE_STATEMENT,
  signEnvelope,
} from '@sheaf/bundle';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClientError } from '../errors.js';
import { parseTrustPolicy } from '../policy/parse-policy.js';
import { checkRun, chooseProfile, combineRules } from './check-run.js';
import { openRunPolicy } from './open-run-policy.js';
import { parseRunPolicy } from './parse-run-policy.js';

const FILE = '/etc/sheaf/policy.json';
const FULL = `version = 7
expires = "2027-01-01T00:00:00Z"
[run]
registries = ["wf.example.com"]
publishers = ["acme", "tools/lint", "team-*"]
hosts = ["api.github.com", "*.example.com"]
images = ["ghcr.io/acme/", "sha256:ab"]
[run.profiles]
registry = ["secure"]
local = ["permissive", "secure"]
[run.ceilings]
timeout = "1h"
parallel = 4
cpus = 2
memory = "4GiB"
items = 100
artifact_size = "100MiB"
processes = 256
`;

function refusal(act: () => unknown): Pick<ClientError, 'code' | 'message'> {
  try {
    act();
  } catch (error) {
    if (error instanceof ClientError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a policy for runs', () => {
  it('is read with all that it says', () => {
    expect(parseRunPolicy(FULL, FILE)).toEqual({
      version: 7,
      expiresMs: Date.parse('2027-01-01T00:00:00Z'),
      limits: {
        registries: ['wf.example.com'],
        publishers: ['acme', 'tools/lint', 'team-*'],
        hosts: ['api.github.com', '*.example.com'],
        images: ['ghcr.io/acme/', 'sha256:ab'],
        profiles: { registry: ['secure'], local: ['secure', 'permissive'] },
        ceilings: {
          timeoutMs: 3_600_000,
          maxParallel: 4,
          cpus: 2,
          memoryBytes: 4 * 1024 ** 3,
          items: 100,
          artifactBytes: 100 * 1024 ** 2,
          processes: 256,
        },
        place: { file: FILE, line: 3 },
      },
    });
  });

  it.each([
    ['[run]', '1:1: version is missing, or not from 1'],
    ['version = 0\n[run]', '1:11: version is missing, or not from 1'],
    ['version = 1', '1:1: [run] is missing'],
    ['version = 1\nexpires = "tomorrow"\n[run]', '2:11: "tomorrow" is no time'],
    ['version = 1\n[run]\nhost = []', '3:8: there is no setting called "host"'],
    ['version = 1\n[run]\nhosts = ["https://a"]', '3:9: "https://a" cannot stand in hosts'],
    ['version = 1\n[run]\npublishers = ["a/b/c"]', '3:14: "a/b/c" cannot stand in publishers'],
    ['version = 1\n[run.profiles]\nlocal = ["safe"]', '3:9: "safe" is no profile'],
    ['version = 1\n[run.ceilings]\nprocesses = 3', '3:13: processes is less than 16'],
    ['version = 1\n[run.ceilings]\ntimeout = "0s"', '3:11: "0s" is no timeout'],
    ['version = 1\n[run.ceilings]\nmemory = "4 GB"', '3:10: "4 GB" is no memory'],
    ['version = ', '1:11: '],
  ])('is refused with its place: %j', (text, problem) => {
    const { code, message } = refusal(() => parseRunPolicy(text, FILE));
    expect(code).toBe('policy.invalid');
    expect(message).toContain(`${FILE}:${problem}`);
  });

  it('is read or refused, whatever it is', () => {
    const line = fc.oneof(fc.string(), fc.constantFrom(...FULL.split('\n')));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        try {
          parseRunPolicy(lines.join('\n'), FILE);
        } catch (error) {
          if (!(error instanceof ClientError)) throw error;
          expect(error.code).toBe('policy.invalid');
        }
      }),
    );
  });
});

describe('a signed policy for runs', () => {
  const key = generateSigningKey();
  const other = generateSigningKey();
  const nowMs = Date.parse('2026-11-22T00:00:00Z');
  const sign = (text: string, signer = key, type = PAYLOAD_TYPE_POLICY): string =>
    Buffer.from(encodeEnvelope(signEnvelope(type, Buffer.from(text), [signer]))).toString();
  const open = (text: string, keys = [key.publicKey], at = nowMs) =>
    openRunPolicy(text, { file: FILE, keys, nowMs: at });

  it('is opened by a key that is pinned', () => {
    expect(open(sign(FULL))).toMatchObject({ version: 7, signers: [{ id: key.publicKey.id }] });
  });

  it.each([
    ['policy.unsigned', 'without a signature', () => open(FULL)],
    ['policy.unsigned', 'signed as something else', () => open(sign(FULL, key, PAYLOAD_TYPE_STATEMENT))],
    ['policy.key_unknown', 'by a key that is not pinned', () => open(sign(FULL, other))],
    ['policy.key_unknown', 'where no key is pinned', () => open(sign(FULL), [])],
    [
      'policy.expired',
      'after its end',
      () => open(sign(FULL), undefined, Date.parse('2027-01-01T00:00:00Z')),
    ],
    ['policy.invalid', 'that says nonsense', () => open(sign('version = 1'))],
  ])('is refused with %s when it is %s', (code, _when, act) => {
    expect(refusal(act).code).toBe(code);
  });

  it('is refused when a byte of it was changed', () => {
    const envelope = JSON.parse(sign(FULL)) as { payload: string };
    const payload = Buffer.from(FULL.replace('processes = 256', 'processes = 999')).toString('base64');
    expect(refusal(() => open(JSON.stringify({ ...envelope, payload }))).code).toBe('policy.tampered');
  });
});

describe('what policies allow', () => {
  const limits = (body: string) => parseRunPolicy(`version = 1\n[run]\n${body}`, FILE).limits;
  const subject = {
    id: 'acme/deploy',
    origin: 'wf.example.com',
    permissions: { network: ['api.github.com'] },
  };

  it.each([
    ['registries = ["other.example.com"]', 'is from wf.example.com'],
    ['publishers = ["acme-*"]', 'is by nobody'],
    ['publishers = ["acme/other"]', 'is by nobody'],
    ['hosts = ["github.com"]', 'asks for the network "api.github.com"'],
    ['hosts = []', 'asks for the network'],
  ])('is not a workflow outside of %s', (body, problem) => {
    const error = refusal(() => {
      checkRun([limits('publishers = ["acme"]'), limits(body)], [subject]);
    });
    expect(error).toMatchObject({ code: 'policy.refused' });
    expect(error.message).toContain(`${FILE}:2 refuses the run: acme/deploy ${problem}`);
  });

  it('is a workflow that all of them name, and a folder of one\u2019s own whoever wrote it', () => {
    checkRun([limits('publishers = ["ac*"]\nhosts = ["*.github.com"]'), limits('')], [subject]);
    checkRun(
      [limits('publishers = []\nregistries = []')],
      [{ id: 'acme/own', permissions: { network: [] } }],
    );
  });

  it('is the profile that was asked for, or the strictest where nobody asked', () => {
    const strict = limits('[run.profiles]\nlocal = ["secure"]\nregistry = []');
    const choose = (asked?: 'permissive' | 'secure') =>
      chooseProfile([limits(''), strict], 'local', { asked, usual: 'permissive' });
    expect(choose('secure')).toEqual({ profile: 'secure' });
    expect(choose()).toEqual({ profile: 'secure', place: { file: FILE, line: 2 } });
    expect(refusal(() => choose('permissive')).message).toContain('the profile permissive is not one');
    expect(refusal(() => chooseProfile([strict], 'registry', { usual: 'secure' })).message).toContain(
      'it allows no profile',
    );
  });

  it('is the lowest of each ceiling, and images that all name', () => {
    expect(combineRules([limits('')])).toBeUndefined();
    const one = limits('images = ["a"]\n[run.ceilings]\nparallel = 4\nitems = 9');
    const two = limits('images = ["b"]\n[run.ceilings]\nparallel = 2');
    expect(combineRules([one, limits(''), two])).toEqual({
      from: `${FILE}:2, ${FILE}:2`,
      maxParallel: 2,
      items: 9,
      images: [['a'], ['b']],
    });
  });
});

describe('keys for policies', () => {
  it('are pinned in a trust.toml, by the key itself', () => {
    const key = generateSigningKey();
    const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key.publicKey.raw]).toString(
      'base64',
    );
    const text = `version = 1\npolicy_keys = ["${spki}"]`;
    expect(parseTrustPolicy(text, 'trust.toml').policyKeys?.map(({ id }) => id)).toEqual([key.publicKey.id]);
    const wrong = refusal(() => parseTrustPolicy('version = 1\npolicy_keys = ["9c1f"]', 'trust.toml'));
    expect(wrong.message).toContain('trust.toml:2:15: "9c1f" is no public key');
  });
});
