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
  { name: 'workflow', value: 'FILE', summary: 'the CI file that publishes, such as release.yml' },
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

/** Whose jobs a rule takes: `--issuer`, and the claims; undefined without that flag. @throws CliError `usage.…` */
export function readJobs(
  input: Input,
): { readonly issuer: string; readonly claims: readonly (readonly [string, string])[] } | undefined {
  const named = input.get('issuer');
  if (named === undefined) {
    const [flag] = CLAIM_FLAGS.filter(({ name }) => input.has(name));
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
  if (claims.length > 0) return { issuer, claims };
  throw new CliError('usage.missing_flag', 'a rule about jobs names what never changes of them', {
    hint: 'GitHub: --repository-id ID, GitLab: --project-id ID, any other: --claim NAME=VALUE',
  });
}

/** GitLab runs at many addresses; its jobs are told by their project. */
function kindOf(issuer: string, input: Input): TrustedIssuerKind {
  if (issuer === 'github' || issuer === ISSUERS['github']) return 'github';
  if (issuer === 'gitlab' || issuer === ISSUERS['gitlab'] || input.has('project-id')) return 'gitlab';
  return 'generic';
}

/** Claims that are never given to another. */
const LASTING = new Set(['repository_id', 'repository_owner_id', 'project_id', 'namespace_id', 'sub']);

/** Whether a rule about these jobs could one day be met by somebody else, who took over a name. */
export function isNamedForGood(claims: readonly (readonly [string, string])[]): boolean {
  return claims.some(([name, value]) => LASTING.has(name) && !value.includes('*'));
}
