import type { OidcRule } from './oidc-rule.js';

/*
 * A rule about jobs has to name somebody by what the issuer never gives to another. Names do not: whoever registers the
 * name of a repository that was renamed or deleted gets its jobs' names, and any repository has a branch called main.
 *
 * GitHub: "Unlike names, these IDs never change, and they are never reused", of repository_id and repository_owner_id
 * (docs.github.com, OpenID Connect reference). GitLab: project_id and namespace_id (docs.gitlab.com, ID token
 * authentication). Their `sub` is made of names in all repositories but the newest, and each may be given another form.
 */

const IDS = {
  github: ['repository_id', 'repository_owner_id'],
  gitlab: ['project_id', 'namespace_id'],
} as const;

const ALL_IDS: readonly string[] = [...IDS.github, ...IDS.gitlab];

/** Of a job of any CI: what it is called, what started it, and on what; nobody's for good. */
const NAMES = new Set([
  ...['repository', 'repository_owner', 'repository_visibility', 'project_path', 'namespace_path'],
  ...['workflow', 'workflow_path', 'workflow_ref', 'job_workflow_ref', 'ci_config_ref_uri', 'environment'],
  ...['ref', 'ref_path', 'ref_type', 'ref_protected', 'base_ref', 'head_ref', 'sha', 'event_name'],
  ...['pipeline_source', 'runner_environment', 'actor', 'user_login'],
]);

/** What a rule about jobs must not be, and which claim of it that is about. */
export interface OidcProblem {
  /** Undefined when it is what the rule lacks. */
  readonly claim: string | undefined;
  readonly message: string;
  readonly hint: string;
}

/**
 * Why a rule about jobs could be met by anybody's; undefined when it names somebody for good, or says `any_job`. Of an
 * issuer that is not known it is not known either which claims do: there `namesHolder` decides, of each job.
 */
export function findOidcProblem(rule: OidcRule): OidcProblem | undefined {
  const loose = rule.claims.find(([name, value]) => ALL_IDS.includes(name) && value.includes('*'));
  if (loose !== undefined)
    return {
      claim: loose[0],
      message: `${loose[0]} must be exact: numbers that fit a pattern are of strangers, too`,
      hint: 'write the number itself; * is for claims beside it, as in ref = "refs/tags/v*"',
    };
  if (rule.anyJob === true) return undefined;
  const kind = kindOf(rule.issuer);
  if (rule.claims.some((claim) => isLasting(claim, kind))) return undefined;
  const ids = (kind === undefined ? [...ALL_IDS, 'sub'] : IDS[kind]).join(' or ');
  return {
    claim: undefined,
    message: `oidc names nobody for good: jobs of strangers may have ${listed(rule)} as well`,
    hint: `write ${ids} too, exactly; if anybody's jobs shall count, add any_job = true`,
  };
}

/** Whether a rule names whom a job belongs to, exactly, by what the log has as the identity. */
export function namesHolder(
  { claims }: Pick<OidcRule, 'claims'>,
  identity: Readonly<Record<string, string>>,
): boolean {
  const exact = new Set(claims.flatMap(([name, value]) => (value.includes('*') ? [] : [name])));
  const names = Object.keys(identity);
  return (
    // Beside what another kind of issuer tells jobs by, an id of this name may be of each of its tenants.
    (names.every((name) => ALL_IDS.includes(name)) && names.some((name) => exact.has(name))) ||
    (names.length > 0 && names.every((name) => exact.has(name)))
  );
}

function isLasting([name, value]: OidcRule['claims'][number], kind: keyof typeof IDS | undefined): boolean {
  if (kind !== undefined) return IDS[kind].some((id) => id === name);
  // What GitHub and GitLab write there, at an address of their own.
  if (name === 'sub' && /^(?:repo|project_path):/.test(value)) return false;
  return !NAMES.has(name) && !value.includes('*');
}

/** GitHub has an issuer of its own for an enterprise: below the public one, or as a host of ghe.com. */
function kindOf(issuer: string): keyof typeof IDS | undefined {
  const host = /^https:\/\/([^/]*)/.exec(issuer.toLowerCase())?.[1] ?? '';
  if (/^token\.actions\.(?:githubusercontent\.com|[a-z0-9-]+\.ghe\.com)$/.test(host)) return 'github';
  return host === 'gitlab.com' ? 'gitlab' : undefined;
}

function listed({ claims }: OidcRule): string {
  return claims.map(([name]) => name).join(' and ');
}
