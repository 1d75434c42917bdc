import type { KeyId } from '@sheaf/bundle';
import { append, ageText, assertHeader, byHand, findRule, formatRule, removeRule } from './edit-policy.js';
import type { EditedPolicy, RuleSubject } from './edit-policy.js';
import { parseTrustPolicy } from './parse-policy.js';
import { lineEndingOf } from './rule-text.js';
import type { OidcRule } from './oidc-rule.js';

/**
 * Allows the jobs of an issuer in the rule about exactly this subject, or makes one at the end of the file. A new rule about
 * one registry takes the place of one about any, so it begins with what that says. All else in the file stays as it is.
 *
 * @param text the file; empty when there is none yet
 * @param options.keys that a new rule allows beside the jobs
 * @throws ClientError `policy.invalid`, also when the rule is about other jobs already
 */
export function allowJobs(
  text: string,
  file: string,
  subject: RuleSubject,
  options: {
    readonly jobs: OidcRule;
    readonly keys?: readonly KeyId[];
    readonly threshold?: number | undefined;
  },
): EditedPolicy {
  const { jobs, keys = [] } = options;
  const base = text.trim() === '' ? 'version = 1\n' : text;
  const layer = parseTrustPolicy(base, file);
  const found = findRule(layer, subject);
  const start = found ?? findRule(layer, { namespace: subject.namespace });
  if (start?.oidc !== undefined && !isSame(start.oidc, jobs)) {
    const { namespace, registry } = subject;
    const at = registry === undefined ? '' : ` --registry ${registry}`;
    throw byHand(
      start,
      'the rule is about other jobs',
      `take it back first: sheaf trust remove ${namespace} --jobs${at}`,
    );
  }
  const threshold = options.threshold ?? start?.threshold ?? 1;
  const edited =
    found === undefined
      ? append(
          base,
          formatRule({
            ...subject,
            keys: [...new Set([...(start?.keys ?? []), ...keys])],
            oidc: formatJobs(jobs),
            threshold,
            minReleaseAge: ageText(base, layer, start),
          }),
        )
      : found.oidc === undefined
        ? insertBehindHeader(base, found, formatJobs(jobs))
        : base;
  const rule = findRule(parseTrustPolicy(edited, file), subject);
  if (rule?.oidc === undefined || !isSame(rule.oidc, jobs) || rule.threshold !== threshold)
    throw byHand(rule ?? start ?? missing(file), 'the rule cannot be written as it is asked for');
  return { text: edited, rule, isChanged: edited !== text, isNew: found === undefined };
}

/**
 * Takes the jobs out of the rule about exactly this subject; a rule without keys goes with them.
 *
 * @throws ClientError `policy.invalid`, also when fewer keys would remain than the rule's threshold
 */
export function disallowJobs(text: string, file: string, subject: RuleSubject): EditedPolicy {
  const found = text.trim() === '' ? undefined : findRule(parseTrustPolicy(text, file), subject);
  if (found?.oidc === undefined) return { text, rule: found, isChanged: false, isNew: false };
  if (found.keys.length > 0 && found.keys.length < found.threshold)
    throw byHand(
      found,
      `the rule asks for ${found.threshold} signers, and ${found.keys.length} would remain`,
      `take the whole rule back: sheaf trust remove ${subject.namespace}`,
    );
  const edited = found.keys.length === 0 ? removeRule(text, found) : removeJobsLine(text, found);
  const rule = findRule(parseTrustPolicy(edited, file), subject);
  if (
    rule?.oidc !== undefined ||
    rule?.keys.join() !== (found.keys.length === 0 ? undefined : found.keys.join())
  )
    throw byHand(found, 'the rule is written in an unusual way');
  return { text: edited, rule, isChanged: true, isNew: false };
}

type Found = NonNullable<EditedPolicy['rule']>;

function missing(file: string): Found {
  return { namespace: '', keys: [], threshold: 1, deny: false, place: { file, line: 1 } };
}

function isSame(one: OidcRule, other: OidcRule): boolean {
  const written = ({ claims }: OidcRule) => claims.map((pair) => pair.join('=')).sort();
  return (
    one.issuer === other.issuer &&
    one.anyJob === other.anyJob &&
    written(one).join('\n') === written(other).join('\n')
  );
}

/** A basic string of JSON is one of TOML as well, since no value holds a control character. */
function formatJobs({ issuer, claims, anyJob }: OidcRule): string {
  const pairs = [['issuer', issuer] as const, ...claims].map(
    ([name, value]) => `${name} = ${JSON.stringify(value)}`,
  );
  return `oidc = { ${[...pairs, ...(anyJob === true ? ['any_job = true'] : [])].join(', ')} }`;
}

function insertBehindHeader(text: string, rule: Found, line: string): string {
  assertHeader(text, rule);
  const lines = text.split('\n');
  const isLast = lines.length === rule.place.line;
  const eol = lineEndingOf(text) === '\r\n' && !isLast ? '\r' : '';
  return [...lines.slice(0, rule.place.line), `${line}${eol}`, ...lines.slice(rule.place.line)].join('\n');
}

function removeJobsLine(text: string, rule: Found): string {
  assertHeader(text, rule);
  const lines = text.split('\n');
  const next = lines.findIndex((line, at) => at >= rule.place.line && /^\s*\[/.test(line));
  const end = next === -1 ? lines.length : next;
  const at = lines.findIndex(
    (line, n) => n >= rule.place.line && n < end && /^\s*oidc\s*=\s*\{[^}]*\}\s*(?:#.*)?$/.test(line),
  );
  if (at === -1) throw byHand(rule, 'the rule is written in an unusual way');
  return [...lines.slice(0, at), ...lines.slice(at + 1)].join('\n');
}
