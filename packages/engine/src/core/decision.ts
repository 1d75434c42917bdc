/** What was decided about a run, for whoever asks later why it could do something, or could not. Never holds a secret. */
export interface Decision {
  readonly subject: DecisionSubject;
  /** `limited`: less than was asked for. */
  readonly result: 'allowed' | 'refused' | 'limited';
  /** What it is about: a profile, host, program, path, image or key, the name of a secret, or what a sandbox lets through. */
  readonly value: string;
  /**
   * What decided. `default`: nobody asked for anything else; `flag`, `variable`: whoever started the run; `asked`: the answer to a
   * question; `consent`: an agreement, asked for now or kept; `workflow`: what it declares; `policy`: a policy file; `machine`: what is
   * there; `before`: what the run had before.
   */
  readonly by:
    'default' | 'flag' | 'variable' | 'asked' | 'consent' | 'workflow' | 'policy' | 'machine' | 'before';
  /** One line for people: why, or where that is written. */
  readonly why?: string;
}

/** What a {@link Decision} is about. `sandbox`: what processes run in; `permissions`: all that a workflow asks for. */
export type DecisionSubject =
  | 'profile'
  | 'sandbox'
  | 'publisher'
  | 'permissions'
  | 'network'
  | 'exec'
  | 'read'
  | 'write'
  | 'secret'
  | 'image'
  | 'ceiling';
