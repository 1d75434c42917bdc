/**
 * Why an action failed. `action.input`: what it was given. `policy.denied`: the workflow did not ask for it. `secret.missing`: the
 * machine has no such secret. The others begin with what they are about.
 */
export type ActionReasonCode =
  | 'action.unknown'
  | 'action.failed'
  | 'action.cancelled'
  | 'action.input'
  | 'action.output'
  | 'action.template'
  | 'action.json'
  | 'policy.denied'
  | 'secret.missing'
  | 'script.syntax'
  | 'script.failed'
  | 'script.timeout'
  | 'script.memory'
  | 'script.pending'
  | 'script.output'
  | 'file.failed'
  | 'file.missing'
  | 'file.too_large'
  | 'file.checksum'
  | 'git.failed'
  | 'http.failed'
  | 'http.status'
  | 'http.too_large'
  | 'http.circuit_open'
  | 'container.missing'
  | 'container.failed'
  | 'plugin.invalid'
  | 'plugin.not_allowed'
  | 'plugin.failed';
