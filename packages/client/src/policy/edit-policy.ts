import type { KeyId } from '@sheaf/bundle';
import { ClientError } from '../errors.js';
import { durationText } from './duration.js';
import { parseTrustPolicy } from './parse-policy.js';
import { insertKeys, lineEndingOf, memberOf, removeKey, setThreshold, type RuleText } from './rule-text.js';
import type { PolicyLayer } from './trust-policy.js';

/** What a rule of a policy file is about. */
export interface RuleSubject {
  readonly namespace: string;
  /** The registry's origin; undefined for a rule about any. */
  readonly registry?: string | undefined;
}

type Rule = PolicyLayer['publishers'][number];

/** A policy file after a change. */
export interface EditedPolicy {
  readonly text: string;
  /** The rule as it stands there now; undefined when it is gone, or never was there. */
  readonly rule: Rule | undefined;
  readonly isChanged: boolean;
  /** There was no rule about the subject before. */
  readonly isNew: boolean;
}

/**
 * Allows more keys in the rule about exactly this subject, or makes one at the end of the file. A new rule about one
 * registry takes the place of one about any, so it begins with what that says. All else in the file stays as it is, to
 * the byte.
 *
 * @param text the file; empty when there is none yet
 * @param options.threshold that of the rule from now on; unless given, that of the rule before, or 1
 * @throws ClientError `policy.invalid`
 */
export function allowKeys(
  text: string,
  file: string,
  subject: RuleSubject,
  options: { readonly keys: readonly KeyId[]; readonly threshold?: number | undefined },
): EditedPolicy {
  const base = text.trim() === '' ? 'version = 1\n' : text;
  const layer = parseTrustPolicy(base, file);
  const found = findRule(layer, subject);
  const start = found ?? findRule(layer, { namespace: subject.namespace });
  // A rule that takes the place of one about jobs would have to say that again.
  if (start?.oidc !== undefined && (found === undefined || found.keys.length === 0))
    throw byHand(start, 'the rule is about the jobs of an issuer');
  const keys = [...new Set([...(start?.keys ?? []), ...options.keys])];
  const threshold = options.threshold ?? start?.threshold ?? 1;
  const edited =
    found === undefined
      ? append(base, formatRule({ ...subject, keys, threshold, minReleaseAge: ageText(base, layer, start) }))
      : extendRule(base, layer, found, { keys, threshold });
  const rule = findRule(parseTrustPolicy(edited, file), subject);
  return { text: edited, rule, isChanged: edited !== text, isNew: found === undefined };
}

/**
 * Takes a key out of the rule about exactly this subject, or without a key the whole rule. The last key takes the rule
 * with it.
 *
 * @throws ClientError `policy.invalid`, also when fewer keys would remain than the rule's threshold
 */
export function disallow(text: string, file: string, subject: RuleSubject, key?: KeyId): EditedPolicy {
  const layer = text.trim() === '' ? undefined : parseTrustPolicy(text, file);
  const found = layer === undefined ? undefined : findRule(layer, subject);
  if (layer === undefined || found === undefined || (key !== undefined && !found.keys.includes(key)))
    return { text, rule: found, isChanged: false, isNew: false };
  const keys = key === undefined ? [] : found.keys.filter((each) => each !== key);
  if (key !== undefined && keys.length === 0 && found.oidc !== undefined)
    throw byHand(
      found,
      'the rule is about the jobs of an issuer, too',
      'take the whole rule back, without --key',
    );
  if (keys.length > 0 && keys.length < found.threshold) {
    const { namespace, registry } = subject;
    throw new ClientError(
      'policy.invalid',
      `${file}:${found.place.line}: the rule asks for ${found.threshold} keys, and ${keys.length} would remain`,
      {
        hint: `lower its threshold first: sheaf trust add ${namespace} --key ${keys[0] ?? ''} --threshold ${keys.length}${registry === undefined ? '' : ` --registry ${registry}`}`,
      },
    );
  }
  const edited =
    key === undefined || keys.length === 0
      ? removeRule(text, found)
      : asWritten(found, removeKey(ruleText(text, layer, found), found.keys, key), { keys });
  return {
    text: edited,
    rule: findRule(parseTrustPolicy(edited, file), subject),
    isChanged: true,
    isNew: false,
  };
}

export function findRule(layer: PolicyLayer, { namespace, registry }: RuleSubject): Rule | undefined {
  return layer.publishers.find(
    (rule) => !rule.deny && rule.namespace === namespace && rule.registry === registry,
  );
}

function extendRule(
  text: string,
  layer: PolicyLayer,
  rule: Rule,
  { keys, threshold }: Pick<Rule, 'keys' | 'threshold'>,
): string {
  const added = keys.slice(rule.keys.length);
  if (added.length === 0 && threshold === rule.threshold) return text;
  const extended =
    added.length === 0
      ? text
      : asWritten(rule, insertKeys(ruleText(text, layer, rule), rule.keys, added), { keys });
  if (threshold === rule.threshold) return extended;
  const written = ruleText(extended, layer, rule);
  const isWritten = memberOf(written, 'threshold') !== undefined;
  return asWritten(rule, setThreshold(written, isWritten, threshold), { keys, threshold });
}

function ruleText(text: string, layer: PolicyLayer, rule: Rule): RuleText {
  assertHeader(text, rule);
  return { text, index: layer.publishers.indexOf(rule) };
}

/** An edited text, when it says what it should: a rule that is written unusually is not touched. */
function asWritten(
  rule: Rule,
  edited: string | undefined,
  expected: { readonly keys: readonly KeyId[]; readonly threshold?: number },
): string {
  const { place, namespace, registry } = rule;
  const found =
    edited === undefined
      ? undefined
      : findRule(parseTrustPolicy(edited, place.file), { namespace, registry });
  const isRight =
    found?.keys.join() === expected.keys.join() &&
    found.threshold === (expected.threshold ?? rule.threshold) &&
    found.minReleaseAgeMs === rule.minReleaseAgeMs;
  if (edited === undefined || !isRight) throw byHand(rule, 'the rule is written in an unusual way');
  return edited;
}

/** The age as the rule writes it. */
export function ageText(text: string, layer: PolicyLayer, rule: Rule | undefined): string | undefined {
  if (rule?.minReleaseAgeMs === undefined) return undefined;
  const written = memberOf({ text, index: layer.publishers.indexOf(rule) }, 'min_release_age');
  return typeof written === 'string' ? written : durationText(rule.minReleaseAgeMs);
}

/** All values are of grammars without quotes and backslashes, but for the claims, which are written as TOML has them. */
export function formatRule(rule: {
  readonly namespace: string;
  readonly registry?: string | undefined;
  readonly keys: readonly KeyId[];
  /** The line about jobs. */
  readonly oidc?: string;
  readonly threshold: number;
  readonly minReleaseAge: string | undefined;
}): readonly string[] {
  const [only = '', ...others] = rule.keys;
  const keys =
    only === ''
      ? []
      : others.length === 0
        ? [`keys = ["${only}"]`]
        : ['keys = [', ...rule.keys.map((key) => `  "${key}",`), ']'];
  return [
    '[[publisher]]',
    `namespace = "${rule.namespace}"`,
    ...(rule.registry === undefined ? [] : [`registry = "${rule.registry}"`]),
    ...keys,
    ...(rule.oidc === undefined ? [] : [rule.oidc]),
    `threshold = ${rule.threshold}`,
    ...(rule.minReleaseAge === undefined ? [] : [`min_release_age = "${rule.minReleaseAge}"`]),
  ];
}

export function append(text: string, lines: readonly string[]): string {
  const eol = lineEndingOf(text);
  return `${text}${text.endsWith('\n') ? '' : eol}${eol}${lines.map((line) => `${line}${eol}`).join('')}`;
}

/**
 * Takes the lines of a rule away. They end before the next header, and before the comments and blank lines that stand
 * in front of that.
 */
export function removeRule(text: string, rule: Rule): string {
  assertHeader(text, rule);
  const lines = text.split('\n');
  const start = rule.place.line - 1;
  // No value of a policy that parses begins a line with a bracket, so what does is a header.
  const next = lines.findIndex((line, at) => at > start && /^\s*\[/.test(line));
  let end = next === -1 ? lines.length : next;
  while (end > start + 1 && /^\s*(?:#|\r?$)/.test(lines[end - 1] ?? '')) end--;
  const before = lines.slice(0, start);
  while (before.at(-1)?.trim() === '' && (lines[end] ?? '').trim() === '') before.pop();
  return [...before, ...lines.slice(end)].join('\n');
}

export function assertHeader(text: string, rule: Rule): void {
  if (/^\s*\[\[/.test(text.split('\n')[rule.place.line - 1] ?? '')) return;
  throw byHand(rule, 'the rule is not written as [[publisher]]');
}

export function byHand({ place }: Rule, what: string, hint = 'change it by hand'): ClientError {
  return new ClientError('policy.invalid', `${place.file}:${place.line}: ${what}`, {
    hint,
  });
}
