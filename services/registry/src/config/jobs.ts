import { networksOf, type Networks } from '../domain/webhooks/addresses.js';
import { numberOf, switchOf, textOf, usageError, type Env } from './env.js';

/** Work that nobody waits for. */
export interface JobsConfig {
  /** Whether a process that serves also runs the jobs of the registry; else `sheaf-registry worker` does. */
  readonly isOn: boolean;
  /** How long events stay in the feed. The log keeps them for ever. */
  readonly eventDays: number;
  /** How long ended deliveries of webhooks are shown. */
  readonly deliveryDays: number;
  /** Networks that webhooks may be in beside the public internet, there also without TLS. */
  readonly webhookAllow: Networks;
}

export const JOBS_USAGE = `\
  SHEAF_JOBS                on, or off to leave the jobs to sheaf-registry worker (default on)
  SHEAF_EVENT_DAYS          days that events stay in the feed (default 365)
  SHEAF_DELIVERY_DAYS       days that ended deliveries of webhooks are shown (default 30)
  SHEAF_WEBHOOK_ALLOW       networks that webhooks may be in beside the public internet, such as 10.1.0.0/16,fd00::/8
`;

/** @throws StartError `usage.invalid` */
export function parseJobsConfig(env: Env): JobsConfig {
  const eventDays = numberOf(env, 'SHEAF_EVENT_DAYS', { default: 365, least: 1, most: 36_500 });
  const deliveryDays = numberOf(env, 'SHEAF_DELIVERY_DAYS', { default: 30, least: 1, most: 36_500 });
  // A delivery is made of its event.
  if (deliveryDays > eventDays)
    throw usageError('SHEAF_DELIVERY_DAYS is more than SHEAF_EVENT_DAYS', 'keep events at least as long');
  return {
    isOn: switchOf(env, 'SHEAF_JOBS', true),
    eventDays,
    deliveryDays,
    webhookAllow: parseNetworks(textOf(env, 'SHEAF_WEBHOOK_ALLOW')),
  };
}

function parseNetworks(text: string | undefined): Networks {
  const networks = (text ?? '').split(',').map((network) => network.trim());
  try {
    return networksOf(networks.filter((network) => network !== ''));
  } catch (cause) {
    throw usageError(
      `SHEAF_WEBHOOK_ALLOW: ${(cause as Error).message}`,
      'use networks such as 10.1.0.0/16 and fd00::/8, separated by commas',
      cause,
    );
  }
}
