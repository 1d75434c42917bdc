import { CliError } from '../frame/errors.js';
import { printable } from '../terminal/escape.js';

/** The id of a webhook. @throws CliError `usage.webhook_id` */
export function readWebhookId(text: string): string {
  if (/^wh_[0-9a-f]{1,64}$/.test(text)) return text;
  throw wrong(text, 'webhook', 'sheaf webhook list --namespace NS shows the ids');
}

/** The id of a delivery. @throws CliError `usage.webhook_id` */
export function readDeliveryId(text: string, webhook: string): string {
  if (/^msg_[0-9a-f]{32}$/.test(text)) return text;
  throw wrong(text, 'delivery', `sheaf webhook deliveries ${webhook} shows the ids`);
}

function wrong(text: string, what: string, hint: string): CliError {
  const shown = JSON.stringify(printable(text.slice(0, 40)));
  return new CliError('usage.webhook_id', `${shown} is not the id of a ${what}`, { hint });
}
