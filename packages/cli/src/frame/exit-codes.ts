/** What the process ends with, and what that means. */
export const EXIT_MEANINGS = {
  0: 'done',
  1: 'another error',
  2: 'wrong usage',
  3: 'verification failed, or a policy refused it',
  4: 'not found',
  5: 'not signed in, not allowed, or not approved',
  6: 'the network or the registry failed',
  7: 'invalid definition or bundle',
  8: 'the run failed',
  130: 'cancelled',
} as const;

export type ExitCode = keyof typeof EXIT_MEANINGS;

/** First match wins; a pattern ending in `.` stands for a whole area. */
const BY_CODE: readonly (readonly [pattern: string, exit: ExitCode])[] = [
  ['cancelled', 130],
  ['operation.cancelled', 130],
  ['usage.', 2],
  ['request.invalid', 2],
  ['registry.url_invalid', 2],
  ['key.choice_needed', 2],
  ['parameter.', 2],
  ['reference.', 2],
  ['log.key_unpinned', 5],
  ['publisher.not_accepted', 5],
  ['policy.invalid', 2],
  ['policy.writable', 2],
  ['witness.policy_invalid', 2],
  ['auth.', 5],
  ['approval.', 5],
  ['permissions.', 5],
  ['key.passphrase_', 5],
  ['key.endorsement_required', 5],
  ['key.unauthorised', 5],
  ['key.threshold', 5],
  ['key.recovery_refused', 5],
  ['quota.', 5],
  ['network.', 6],
  ['offline.', 6],
  ['response.invalid', 6],
  ['response.too_large', 6],
  ['request.timeout', 6],
  ['rate.', 6],
  ['service.', 6],
  ['log.frozen', 6],
  ['namespace.not_found', 4],
  ['workflow.not_found', 4],
  ['version.not_found', 4],
  ['version.unresolved', 4],
  ['version.yanked', 4],
  ['stage.not_found', 4],
  ['blob.not_found', 4],
  ['tile.not_found', 4],
  ['key.not_found', 4],
  ['key.none', 4],
  ['run.not_found', 4],
  ['trust.not_found', 4],
  ['step.not_found', 4],
  ['cache.missing', 4],
  ['file.not_found', 4],
  ['project.missing', 4],
  ['project.name_unknown', 4],
  ['run.failed', 8],
  ['step.failed', 8],
  ['requirement.', 8],
  ['name.', 7],
  ['namespace.name_refused', 7],
  ['workflow.name_refused', 7],
  ['version.invalid', 7],
  ['definition.', 7],
  ['bundle.', 7],
  ['archive.', 7],
  ['gzip.', 7],
  ['path.', 7],
  ['pack.', 7],
  ['expression.', 7],
  ['plan.', 7],
  ['template.', 7],
  ['project.', 7],
  ['lock.tampered', 3],
  ['lock.invalid', 3],
  ['log.', 3],
  ['audit.', 3],
  ['proof.', 3],
  ['leaf.', 3],
  ['signature.', 3],
  ['envelope.', 3],
  ['statement.', 3],
  ['receipt.', 3],
  ['standing.', 3],
  ['carry.published', 1],
  ['carry.', 3],
  ['checkpoint.', 3],
  ['note.', 3],
  ['blob.', 3],
  ['tar.', 3],
  ['digest.', 3],
  ['signer.', 3],
  ['key.revoked', 3],
  ['key.recovery', 3],
  ['publisher.', 3],
  ['state.conflict', 1],
  ['state.', 3],
  ['release.', 3],
  ['witness.', 3],
];

/** For a registry's answer whose code this version does not know. */
const BY_STATUS: Readonly<Record<number, ExitCode>> = {
  401: 5,
  403: 5,
  404: 4,
  413: 7,
  422: 7,
  429: 6,
  502: 6,
  503: 6,
  504: 6,
};

/**
 * The exit code of an error. A failed check of something fetched is 3 whatever its code: a bundle that is malformed
 * on the way in is not the user's own mistake.
 */
export function exitCodeOf(error: {
  readonly code: string;
  readonly verifying: boolean;
  readonly status: number | undefined;
}): ExitCode {
  if (error.verifying) return 3;
  const rule = BY_CODE.find(([pattern]) =>
    /[._]$/.test(pattern) ? error.code.startsWith(pattern) : error.code === pattern,
  );
  if (rule !== undefined) return rule[1];
  return error.status === undefined ? 1 : (BY_STATUS[error.status] ?? 1);
}
