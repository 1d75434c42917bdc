const NUMBER = '(0|[1-9]\\d{0,14})';
const ANY = '[xX*]';
const PRERELEASE_PART = '(0|[1-9]\\d{0,14}|\\d*[a-zA-Z-][0-9a-zA-Z-]*)';
const FULL = `${NUMBER}\\.${NUMBER}\\.${NUMBER}(-${PRERELEASE_PART}(\\.${PRERELEASE_PART})*)?`;
const PARTIAL = `(${FULL}|${NUMBER}\\.${NUMBER}(\\.${ANY})?|${NUMBER}(\\.${ANY}){0,2})`;
const COMPARATOR = `(\\^|~|>=|<=|>|<|=)?${PARTIAL}`;
const SET = `(${ANY}|${PARTIAL} - ${PARTIAL}|${COMPARATOR}( ${COMPARATOR})*)`;

/**
 * The ranges that a definition may write, as a regular expression for JSON Schema: a part of the grammar of
 * node-semver, in one spelling, so that every reader of it agrees (caret, tilde, comparisons, hyphens, `x`, `||`).
 */
export const VERSION_RANGE = `^${SET}( \\|\\| ${SET})*$`;

const MAX_LENGTH = 128;
const PATTERN = new RegExp(VERSION_RANGE, 'u');

/** Is this a range that a definition may write? */
export function isVersionRange(text: string): boolean {
  return text.length <= MAX_LENGTH && PATTERN.test(text);
}
