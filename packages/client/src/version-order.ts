import semver from 'semver';

/** Whether a version comes after another by SemVer §11. What is no version, as a registry may send, is not higher and not lower. */
export function isHigherVersion(version: string, than: string): boolean {
  return semver.valid(version) !== null && semver.valid(than) !== null && semver.gt(version, than);
}
