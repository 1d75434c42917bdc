import semver from 'semver';

// What most commands ask of versions, without semver, which makes dozens of regular expressions at its start. All but
// `isHigherVersion` take versions that were parsed.

/** Whether a version comes after another by SemVer §11. What is no version, as a registry may send, is not higher and not lower. */
export function isHigherVersion(version: string, than: string): boolean {
  return semver.valid(version) !== null && semver.valid(than) !== null && semver.gt(version, than);
}

/** The order of SemVer §11; builds do not count. Below 0: the first is lower. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [splitVersion(a), splitVersion(b)];
  const byNumbers = compareLists(left.numbers, right.numbers);
  if (byNumbers !== 0) return byNumbers;
  // A version comes after its prereleases.
  if (left.prerelease.length === 0 || right.prerelease.length === 0)
    return right.prerelease.length - left.prerelease.length;
  return compareLists(left.prerelease, right.prerelease);
}

export function isPrerelease(version: string): boolean {
  return splitVersion(version).prerelease.length > 0;
}

/** A range as `sheaf add` writes it: from a version to below the next major one. */
const CARET = /^\^([1-9]\d{0,8})(?:\.(0|[1-9]\d{0,8}))?(?:\.(0|[1-9]\d{0,8}))?$/;

/** Whether a text is a range of node-semver. */
export function isVersionRange(text: string): boolean {
  return CARET.test(text) || semver.validRange(text) !== null;
}

/** Whether a range has a version in it. */
export function isInRange(version: string, range: string): boolean {
  const [, major, minor = '0', patch = '0'] = CARET.exec(range) ?? [];
  const { numbers, prerelease } = splitVersion(version);
  if (major === undefined || prerelease.length > 0) return semver.satisfies(version, range);
  return numbers[0] === major && compareLists(numbers, [major, minor, patch]) >= 0;
}

interface VersionParts {
  readonly numbers: readonly string[];
  readonly prerelease: readonly string[];
}

function splitVersion(version: string): VersionParts {
  const [bare = ''] = version.split('+', 1);
  const dash = bare.indexOf('-');
  return dash === -1
    ? { numbers: bare.split('.'), prerelease: [] }
    : { numbers: bare.slice(0, dash).split('.'), prerelease: bare.slice(dash + 1).split('.') };
}

/** Part by part; the beginning of a longer list comes before it. */
function compareLists(a: readonly string[], b: readonly string[]): number {
  for (const [i, part] of a.entries()) {
    const other = b[i];
    if (other === undefined) return 1;
    const order = compareParts(part, other);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Numbers by their value, and before what is no number. */
function compareParts(a: string, b: string): number {
  const [isNumber, isOtherNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumber && isOtherNumber) return Number(a) - Number(b);
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
