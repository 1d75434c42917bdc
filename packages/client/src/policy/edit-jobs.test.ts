import fc from 'fast-check';
import type { KeyId } from '@sheaf/bundle';
import { describe, expect, it } from 'vitest';
import { allowJobs, disallowJobs } from './edit-jobs.js';
import { allowKeys, disallow } from './edit-policy.js';
import { parseTrustPolicy } from './parse-policy.js';

const A = 'a'.repeat(64) as KeyId;
const B = 'b'.repeat(64) as KeyId;
const FILE = 'trust.toml';
const SUBJECT = { namespace: 'acme', registry: 'wf.example.com' };
const JOBS = {
  issuer: 'https://token.actions.githubusercontent.com',
  claims: [
    ['repository_id', '1296269'],
    ['ref', 'refs/tags/v*'],
  ],
} as const;

describe('a rule about jobs', () => {
  it('is written at the end, read back, and taken away again to the byte', () => {
    for (const eol of ['\n', '\r\n']) {
      const before = `# mine${eol}version = 1${eol}${eol}[[publisher]]${eol}namespace = "other"${eol}deny = true${eol}`;
      const { text, rule, isNew } = allowJobs(before, FILE, SUBJECT, { jobs: JOBS });
      expect(isNew).toBe(true);
      expect(rule).toMatchObject({ ...SUBJECT, keys: [], oidc: JOBS, threshold: 1 });
      expect(text.startsWith(before)).toBe(true);
      expect(disallow(text, FILE, SUBJECT).text).toBe(before);
      expect(disallowJobs(text, FILE, SUBJECT).text).toBe(before);
    }
  });

  it('joins a rule about keys, and leaves it as it was', () => {
    const keys = allowKeys('', FILE, SUBJECT, { keys: [A, B], threshold: 2 });
    const both = allowJobs(keys.text, FILE, SUBJECT, { jobs: JOBS });
    expect(both).toMatchObject({
      isNew: false,
      isChanged: true,
      rule: { keys: [A, B], threshold: 2, oidc: JOBS },
    });
    expect(disallowJobs(both.text, FILE, SUBJECT)).toMatchObject({ text: keys.text, rule: { keys: [A, B] } });
    expect(disallow(both.text, FILE, SUBJECT).rule).toBeUndefined();
  });

  it('takes over what a rule about any registry says', () => {
    const any = allowKeys('', FILE, { namespace: 'acme' }, { keys: [A] });
    expect(allowJobs(any.text, FILE, SUBJECT, { jobs: JOBS }).rule).toMatchObject({ keys: [A], oidc: JOBS });
  });

  it('changes nothing the second time, and is not written over', () => {
    const { text } = allowJobs('', FILE, SUBJECT, { jobs: JOBS });
    const again = { ...JOBS, claims: [...JOBS.claims].reverse() };
    expect(allowJobs(text, FILE, SUBJECT, { jobs: again }).isChanged).toBe(false);
    const others = { ...JOBS, claims: [['repository_id', '7'] as const] };
    expect(() => allowJobs(text, FILE, SUBJECT, { jobs: others })).toThrow('the rule is about other jobs');
    expect(disallowJobs('', FILE, SUBJECT).isChanged).toBe(false);
  });

  it('is not removed when fewer signers than it asks for would remain', () => {
    const text = `version = 1\n[[publisher]]\nnamespace = "acme"\nkeys = ["${A}"]\nthreshold = 2\noidc = { issuer = "https://ci.example.com", sub = "x" }\n`;
    expect(() => disallowJobs(text, FILE, { namespace: 'acme' })).toThrow('asks for 2 signers');
  });

  it('reads back whatever claims may be', () => {
    const value = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 });
    const claims = fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-hj-z][a-z0-9_]{0,10}$/), value), {
      minLength: 1,
      maxLength: 4,
      selector: ([name]) => name,
    });
    fc.assert(
      fc.property(claims, (all) => {
        let written;
        try {
          written = allowJobs('', FILE, SUBJECT, {
            jobs: { issuer: JOBS.issuer, claims: all, anyJob: true },
          });
        } catch {
          return;
        }
        expect(parseTrustPolicy(written.text, FILE).publishers[0]?.oidc?.claims).toEqual(all);
      }),
    );
  });
});
