import { findOidcProblem, type OidcProblem, type OidcRule } from '@sheaf/client';
import type { TrustedIssuerKind } from '@sheaf/client/contract';
import type { Flag, Input } from '../frame/args.js';
import { CliError } from '../frame/errors.js';

/** Flags that are claims under a name of our own, by the kind of the issuer. */
export const CLAIMS_BY_FLAG = {
  github: {
    'repository-id': 'repository_id',
    'owner-id': 'repository_owner_id',
    workflow: 'workflow_path',
    environment: 'environment',
    ref: 'ref',
  },
  gitlab: {
    'project-id': 'project_id',
    'group-id': 'namespace_id',
    workflow: 'workflow_path',
    environment: 'environment',
    ref: 'ref_path',
  },
  generic: {},
} as const satisfies Readonly<Record<TrustedIssuerKind, Readonly<Record<string, string>>>>;

/** What names a job of CI. */
export const CLAIM_FLAGS: readonly Flag[] = [
  { name: 'repository-id', value: 'ID', summary: 'GitHub: gh api repos/OWNER/REPO --jq .id' },
  { name: 'owner-id', value: 'ID', summary: 'GitHub: gh api repos/OWNER/REPO --jq .owner.id' },
  { name: 'project-id', value: 'ID', summary: 'GitLab: the id of the project' },
  { name: 'group-id', value: 'ID', summary: 'GitLab: the id of the group or user it is in' },
  {
    name: 'workflow',
    value: 'FILE',
    completes: 'file',
    summary: 'the CI file that publishes, such as release.yml',
  },
  { name: 'environment', value: 'NAME', summary: 'the deployment environment that the job must be in' },
  { name: 'ref', value: 'PATTERN', summary: 'the branch or tag, such as refs/tags/v*' },
  { name: 'claim', value: 'NAME=VALUE', repeat: true, summary: 'any other claim of the token' },
];

/** The claims that the flags name. @throws CliError `usage.…` */
export function claimsOf(kind: TrustedIssuerKind, input: Input): Readonly<Record<string, string>> {
  const flags: Readonly<Record<string, string>> = CLAIMS_BY_FLAG[kind];
  const known = new Set(Object.values(CLAIMS_BY_FLAG).flatMap((of) => Object.keys(of)));
  const claims = new Map<string, string>();
  for (const flag of known) {
    const value = input.get(flag);
    if (value === undefined) continue;
    const claim = Object.hasOwn(flags, flag) ? flags[flag] : undefined;
    if (claim === undefined)
      throw new CliError('usage.conflicting_flags', `--${flag} is not for an issuer of kind ${kind}`, {
        hint: 'name the claim itself: --claim NAME=VALUE',
      });
    const isFile = kind === 'github' && flag === 'workflow' && !value.includes('/');
    claims.set(claim, isFile ? `.github/workflows/${value}` : value);
  }
  for (const text of input.all('claim')) {
    const at = text.indexOf('=');
    if (at < 1)
      throw new CliError('usage.claim', `--claim ${JSON.stringify(text)} is not NAME=VALUE`, {
        hint: '--claim environment=release',
      });
    claims.set(text.slice(0, at), text.slice(at + 1));
  }
  return Object.fromEntries(claims);
}

/** The public services, which need no address. */
const ISSUERS: Readonly<Record<string, string>> = {
  github: 'https://token.actions.githubusercontent.com',
  gitlab: 'https://gitlab.com',
};

/** Lets a rule name nobody. */
export const ANY_JOB_FLAG: Flag = {
  name: 'any-job',
  summary: "trust ANYBODY's jobs that meet the claims, those of strangers' repositories too",
};

/**
 * Whose jobs a rule takes: `--issuer`, and the claims; undefined without that flag. They name somebody by what is never
 * given to another, unless `--any-job` says that they need not.
 *
 * @throws CliError `usage.…`
 */
export function readJobs(input: Input): OidcRule | undefined {
  const named = input.get('issuer');
  if (named === undefined) {
    const [flag] = [...CLAIM_FLAGS, ANY_JOB_FLAG].filter(({ name }) => input.has(name));
    if (flag === undefined) return undefined;
    throw new CliError(
      'usage.missing_flag',
      `--${flag.name} says something of a job, whose issuer is not named`,
      {
        hint: '--issuer github, --issuer gitlab, or --issuer URL',
      },
    );
  }
  const issuer = Object.hasOwn(ISSUERS, named) ? (ISSUERS[named] ?? named) : named;
  const claims = Object.entries(claimsOf(kindOf(named, input), input));
  if (claims.length === 0)
    throw new CliError('usage.missing_flag', 'a rule about jobs names what never changes of them', {
      hint: 'GitHub: --repository-id ID, GitLab: --project-id ID, any other: --claim NAME=VALUE',
    });
  const rule = { issuer, claims };
  const problem = findOidcProblem(rule);
  if (input.has('any-job')) return forAnybody(rule, problem);
  if (problem === undefined) return rule;
  throw new CliError('usage.jobs_unnamed', problem.message.replace(/^oidc /, 'the rule '), {
    hint: [
      'name whose they are by a number: GitHub --repository-id ID or --owner-id ID, GitLab --project-id ID or --group-id ID',
      "if anybody's jobs shall count, strangers' too: --any-job",
    ],
  });
}

function forAnybody(rule: OidcRule, problem: OidcProblem | undefined): OidcRule {
  if (problem === undefined)
    throw new CliError('usage.conflicting_flags', '--any-job, and a claim that names whose the jobs are', {
      hint: 'leave out --any-job: the rule is for those jobs alone',
    });
  const anybody = { ...rule, anyJob: true } as const;
  const stays = findOidcProblem(anybody);
  if (stays === undefined) return anybody;
  throw new CliError('usage.jobs_unnamed', stays.message, {
    hint: `leave out ${stays.claim ?? 'the claim'}`,
  });
}

/** Both run at many addresses; there their jobs are told by the flags that only one of them has. */
function kindOf(issuer: string, input: Input): TrustedIssuerKind {
  for (const kind of ['github', 'gitlab'] as const)
    if (issuer === kind || issuer === ISSUERS[kind]) return kind;
  if (input.has('repository-id') || input.has('owner-id')) return 'github';
  return input.has('project-id') || input.has('group-id') ? 'gitlab' : 'generic';
}
