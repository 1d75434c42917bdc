/**
 * A text whose byte order is SemVer's precedence (semver.org §11), so that a database index sorts versions.
 *
 * Numbers are prefixed with their count of digits; a release sorts after its pre-releases by ending in `~`,
 * the highest character used; within a pre-release numeric identifiers (`0…`) come before others (`1…`), and
 * an identifier ends with a space, the lowest character used, so that `rc` comes before `rc.1`.
 */
export function versionSortKey(version: string): string {
  const dash = version.indexOf('-');
  const core = (dash === -1 ? version : version.slice(0, dash)).split('.').map(numberKey).join('.');
  if (dash === -1) return `${core}~`;
  const identifiers = version.slice(dash + 1).split('.');
  return `${core}-${identifiers.map((id) => (/^\d+$/.test(id) ? `0${numberKey(id)} ` : `1${id} `)).join('')}`;
}

function numberKey(digits: string): string {
  return String.fromCharCode('a'.charCodeAt(0) + digits.length) + digits;
}
