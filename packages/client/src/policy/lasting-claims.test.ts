import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { thrown } from '../testing/failure.js';
import { readTomlDocument } from '@sheaf/workflow';
import { findOidcProblem, namesHolder } from './lasting-claims.js';
import { parseTrustPolicy, readPolicyTable } from './parse-policy.js';

const GITHUB = 'https://token.actions.githubusercontent.com';
const ENTERPRISE = `${GITHUB}/acme`;
const GHE = 'https://token.actions.acme.ghe.com';
const GITLAB = 'https://gitlab.com';
const OTHER = 'https://ci.example.com';

const ofRule = (issuer: string, ...claims: readonly string[]) =>
  findOidcProblem({
    issuer,
    claims: claims.map((text) => {
      const [name = '', ...value] = text.split('=');
      return [name, value.join('=')] as const;
    }),
  });

describe('a rule about jobs', () => {
  it.each([
    ['a repository of GitHub', GITHUB, ['repository_id=1', 'ref=refs/tags/v*']],
    ['an owner at GitHub', GITHUB, ['repository_owner_id=1']],
    ['a repository at the issuer of an enterprise', ENTERPRISE, ['repository_id=1']],
    ['a project of GitLab', GITLAB, ['project_id=20', 'ref_protected=true']],
    ['a group of GitLab', GITLAB, ['namespace_id=4']],
    ['a project of a GitLab of their own', OTHER, ['project_id=20']],
    ['the subject of another issuer', OTHER, ['sub=system:serviceaccount:ci:publish']],
    ['what only that issuer knows', OTHER, ['tenant=a', 'job_id=7']],
  ])('names %s', (_, issuer, claims) => {
    expect(ofRule(issuer, ...claims)).toBeUndefined();
  });

  it.each([
    ['a ref', GITHUB, ['ref=refs/heads/main']],
    [
      'names',
      GITHUB,
      ['repository=acme/deploy', 'environment=release', 'workflow_path=.github/workflows/x.yml'],
    ],
    ['a subject of GitHub', GITHUB, ['sub=repo:acme/deploy:environment:prod']],
    ['a subject at the issuer of an enterprise', ENTERPRISE, ['sub=repo:acme/deploy:ref:refs/heads/main']],
    ['a subject at a host of an enterprise', GHE, ['sub=x']],
    ['a subject of GitLab', GITLAB, ['sub=project_path:acme/deploy:ref_type:tag:ref:v1']],
    ['the id that another CI has', GITLAB, ['repository_id=1']],
    ['a subject of a GitLab of their own', OTHER, ['sub=project_path:acme/deploy:ref_type:tag:ref:v1']],
    ['a subject of a GitHub of their own', OTHER, ['sub=repo:acme/deploy:environment:prod']],
    ['a pattern of subjects', OTHER, ['sub=system:*']],
    ['a ref at any issuer', OTHER, ['ref=refs/heads/main', 'actor=ana']],
  ])('names nobody by %s', (_, issuer, claims) => {
    expect(ofRule(issuer, ...claims)).toMatchObject({ claim: undefined });
  });

  it('is exact about ids, also beside another and for anybody', () => {
    expect(ofRule(GITHUB, 'repository_owner_id=*')).toMatchObject({ claim: 'repository_owner_id' });
    expect(ofRule(GITHUB, 'repository_id=1', 'repository_owner_id=5*')).toMatchObject({
      claim: 'repository_owner_id',
    });
    const anybody = { issuer: GITLAB, claims: [['project_id', '*']], anyJob: true } as const;
    expect(findOidcProblem(anybody)).toMatchObject({ claim: 'project_id' });
    expect(findOidcProblem({ ...anybody, claims: [['ref', '*']] })).toBeUndefined();
  });

  it.each([
    [`oidc = { issuer = "${GITHUB}", ref = "refs/heads/main" }`, ':4:19: oidc names nobody for good'],
    [`oidc = { issuer = "${GITHUB}", repository_id = "*" }`, 'repository_id must be exact'],
  ])('is refused with its place where it is written: %s', async (line, problem) => {
    const rule = `namespace = "acme"\n${line}\n`;
    const own = () => parseTrustPolicy(`version = 1\n[[publisher]]\n${rule}`, 'trust.toml');
    expect((await thrown(own, 'policy.invalid')).message).toContain(problem);
    const read = readTomlDocument(`[policy]\n[[policy.publisher]]\n${rule}`);
    if (!('document' in read)) throw new Error('it is TOML');
    const theirs = await thrown(() => readPolicyTable(read.document, 'sheaf.toml'), 'policy.invalid');
    expect(theirs.message).toContain('sheaf.toml:4:');
  });
});

describe('the holder of a job', () => {
  const name = fc.stringMatching(/^[a-z]{1,4}$/);

  it('is named by all claims of the identity, each exact, and by no fewer', () => {
    fc.assert(
      fc.property(fc.dictionary(name, name, { minKeys: 1, maxKeys: 4 }), fc.nat(), (identity, n) => {
        const claims = Object.entries(identity);
        const at = n % claims.length;
        expect(namesHolder({ claims }, identity)).toBe(true);
        expect(namesHolder({ claims: claims.filter((_, i) => i !== at) }, identity)).toBe(false);
        const loose = claims.map(([claim, value], i) => [claim, i === at ? `${value}*` : value] as const);
        expect(namesHolder({ claims: loose }, identity)).toBe(false);
      }),
    );
  });

  it('is not named by one number among what another kind of issuer tells jobs by', () => {
    const identity = { tenant: 'acme', project_id: '5' };
    expect(namesHolder({ claims: [['project_id', '5']] }, identity)).toBe(false);
    expect(namesHolder({ claims: Object.entries(identity) }, identity)).toBe(true);
    const ofGitlab = { project_id: '5', namespace_id: '7' };
    expect(namesHolder({ claims: [['namespace_id', '7']] }, ofGitlab)).toBe(true);
  });

  it('is nobody when the log has no identity', () => {
    expect(namesHolder({ claims: [['sub', 'x']] }, {})).toBe(false);
  });
});
