import type { KeyId } from '@sheaf/bundle';
import { ClientError } from '../errors.js';
import { durationText } from './duration.js';
import { parseTrustPolicy } from './parse-policy.js';
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
 * Allows more keys in the rule about exactly this subject, or makes one at the end of the file. All else in the file
 * stays as it is, to the byte.
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
  const found = findRule(parseTrustPolicy(base, file), subject);
  const keys = [...new Set([...(found?.keys ?? []), ...options.keys])];
  const threshold = options.threshold ?? found?.threshold ?? 1;
  const block = formatRule({ ...subject, keys, threshold, minReleaseAgeMs: found?.minReleaseAgeMs });
  const edited =
    found === undefined
      ? `${base.endsWith('\n') ? base : `${base}\n`}\n${block}`
      : replaceBlock(base, found, block);
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
  const found = text.trim() === '' ? undefined : findRule(parseTrustPolicy(text, file), subject);
  if (found === undefined || (key !== undefined && !found.keys.includes(key)))
    return { text, rule: found, isChanged: false, isNew: false };
  const keys = key === undefined ? [] : found.keys.filter((each) => each !== key);
  if (keys.length > 0 && keys.length < found.threshold) {
    throw new ClientError(
      'policy.invalid',
      `${file}:${found.place.line}: the rule asks for ${found.threshold} keys, and ${keys.length} would remain`,
      {
        hint: `lower its threshold first: sheaf trust add ${subject.namespace} --key ${keys[0] ?? ''} --threshold ${keys.length}`,
      },
    );
  }
  const { threshold, minReleaseAgeMs } = found;
  const block = keys.length === 0 ? '' : formatRule({ ...subject, keys, threshold, minReleaseAgeMs });
  const edited = replaceBlock(text, found, block);
  return {
    text: edited,
    rule: findRule(parseTrustPolicy(edited, file), subject),
    isChanged: true,
    isNew: false,
  };
}

function findRule(layer: PolicyLayer, { namespace, registry }: RuleSubject): Rule | undefined {
  return layer.publishers.find(
    (rule) => !rule.deny && rule.namespace === namespace && rule.registry === registry,
  );
}

/** All values are of grammars without quotes and backslashes. */
function formatRule(rule: {
  readonly namespace: string;
  readonly registry?: string | undefined;
  readonly keys: readonly KeyId[];
  readonly threshold: number;
  readonly minReleaseAgeMs?: number | undefined;
}): string {
  const keys =
    rule.keys.length === 1
      ? `["${rule.keys[0] ?? ''}"]`
      : `[\n${rule.keys.map((key) => `  "${key}",\n`).join('')}]`;
  return [
    '[[publisher]]',
    `namespace = "${rule.namespace}"`,
    ...(rule.registry === undefined ? [] : [`registry = "${rule.registry}"`]),
    `keys = ${keys}`,
    `threshold = ${rule.threshold}`,
    ...(rule.minReleaseAgeMs === undefined
      ? []
      : [`min_release_age = "${durationText(rule.minReleaseAgeMs)}"`]),
    '',
  ].join('\n');
}

/**
 * Puts a block in the place of a rule's lines. They end before the next header, and before the comments and blank lines
 * that stand in front of that.
 */
function replaceBlock(text: string, { place }: Rule, block: string): string {
  const lines = text.split('\n');
  const start = place.line - 1;
  // No value of a policy that parses begins a line with a bracket, so what does is a header.
  if (!/^\s*\[\[/.test(lines[start] ?? '')) {
    throw new ClientError(
      'policy.invalid',
      `${place.file}:${place.line}: the rule is not written as [[publisher]]`,
      { hint: 'change it by hand' },
    );
  }
  const next = lines.findIndex((line, at) => at > start && /^\s*\[/.test(line));
  let end = next === -1 ? lines.length : next;
  while (end > start + 1 && /^\s*(?:#|\r?$)/.test(lines[end - 1] ?? '')) end--;
  const middle = block === '' ? [] : block.replace(/\n$/, '').split('\n');
  const before = lines.slice(0, start);
  if (middle.length === 0)
    while (before.at(-1)?.trim() === '' && (lines[end] ?? '').trim() === '') before.pop();
  return [...before, ...middle, ...lines.slice(end)].join('\n');
}
