import type { CallOptions } from './caller.js';

export interface PublishOptions extends CallOptions {
  /** Publish although the interface breaks within its major version. */
  readonly force?: boolean | undefined;
  /** Point this channel at each version, in the same transaction. */
  readonly channel?: string | undefined;
}

/** What a publish asks for beside its body, as it stands after the path. */
export function publishQuery(asked: {
  readonly force?: boolean | undefined;
  readonly channel?: string | undefined;
  readonly stage?: boolean | undefined;
}): string {
  const query = new URLSearchParams();
  if (asked.stage === true) query.set('stage', 'true');
  if (asked.force === true) query.set('force', 'true');
  if (asked.channel !== undefined) query.set('channel', asked.channel);
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}
