/**
 * A named place at which a test stops the process, to prove that what was begun is either complete or absent
 * afterwards. In production every failpoint is a no-op.
 */
export type FailpointName =
  | 'publish.after_blob'
  | 'publish.after_transaction'
  | 'publish.before_answer'
  | 'sequencer.before_append'
  | 'sequencer.before_commit'
  | 'sequencer.after_commit'
  | 'stage.after_transaction'
  | 'webhook.before_send'
  | 'webhook.after_send'
  | 'sweep.after_condemn'
  | 'sweep.after_delete';

export type Failpoint = (name: FailpointName) => Promise<void>;

export const noFailpoint: Failpoint = () => Promise.resolve();

/** Kills the process at `name` the hard way, as a power cut would. */
export function killAt(name: string, kill: () => void): Failpoint {
  return (reached) => {
    if (reached === name) kill();
    return Promise.resolve();
  };
}
