import {
  ChangeWebhookSchema,
  CreatedWebhookSchema,
  CreateWebhookSchema,
  DeliveryListSchema,
  WebhookListSchema,
  WebhookSchema,
} from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import type { Operation } from '../../http/operation.js';
import type { Route } from '../route.js';
import { DeliveriesQuerySchema, listDeliveriesRoute, postRedeliver } from './deliveries.js';
import {
  deleteWebhookRoute,
  listWebhooksRoute,
  patchWebhook,
  postSecret,
  postWebhook,
  showWebhook,
  WebhooksQuerySchema,
} from './manage.js';

const ONE = '/v1/webhooks/:id';
const JSON_TYPE = 'application/json';
const common = { tag: 'webhooks', access: 'signed-in' } as const satisfies Partial<Operation>;
const refusals = ['auth.scope_missing', 'auth.role_missing', 'webhook.not_found'] as const;

/** Webhooks: who is told of events, and what became of it. */
export function webhookRoutes(deps: AppDeps): readonly Route[] {
  return [
    {
      method: 'post',
      path: '/v1/webhooks',
      handler: postWebhook(deps),
      operation: {
        ...common,
        id: 'createWebhook',
        summary: 'Have the events of a namespace sent somewhere',
        request: { mediaType: JSON_TYPE, schema: CreateWebhookSchema },
        responses: {
          201: {
            description: 'The webhook with its secret, which is shown once',
            schema: CreatedWebhookSchema,
            headers: { Location: 'path of the webhook' },
          },
        },
        problems: [
          'auth.scope_missing',
          'auth.role_missing',
          'namespace.not_found',
          'webhook.url_refused',
          'webhook.limit',
        ],
      },
    },
    {
      method: 'get',
      path: '/v1/webhooks',
      handler: listWebhooksRoute(deps),
      operation: {
        ...common,
        id: 'listWebhooks',
        summary: 'The webhooks of a namespace, or all of them for an administrator',
        query: WebhooksQuerySchema,
        responses: { 200: { description: 'The webhooks', schema: WebhookListSchema } },
        problems: ['auth.scope_missing', 'auth.role_missing', 'namespace.not_found'],
      },
    },
    {
      method: 'get',
      path: ONE,
      handler: showWebhook(deps),
      operation: {
        ...common,
        id: 'showWebhook',
        summary: 'One webhook',
        responses: { 200: { description: 'The webhook', schema: WebhookSchema } },
        problems: refusals,
      },
    },
    {
      method: 'patch',
      path: ONE,
      handler: patchWebhook(deps),
      operation: {
        ...common,
        id: 'changeWebhook',
        summary: 'Change where a webhook leads, its topics, or whether it is told at all',
        request: { mediaType: JSON_TYPE, schema: ChangeWebhookSchema },
        responses: { 200: { description: 'The webhook', schema: WebhookSchema } },
        problems: [...refusals, 'webhook.url_refused'],
      },
    },
    {
      method: 'delete',
      path: ONE,
      handler: deleteWebhookRoute(deps),
      operation: {
        ...common,
        id: 'deleteWebhook',
        summary: 'Remove a webhook with its deliveries',
        responses: { 204: { description: 'It is gone' } },
        problems: refusals,
      },
    },
    {
      method: 'post',
      path: `${ONE}/secret`,
      handler: postSecret(deps),
      operation: {
        ...common,
        id: 'rotateWebhookSecret',
        summary: 'Replace the secret; the one before signs beside it for a day',
        responses: { 200: { description: 'The webhook with its new secret', schema: CreatedWebhookSchema } },
        problems: refusals,
      },
    },
    {
      method: 'get',
      path: `${ONE}/deliveries`,
      handler: listDeliveriesRoute(deps),
      operation: {
        ...common,
        id: 'listWebhookDeliveries',
        summary: 'What was sent, is to be sent, and was given up',
        query: DeliveriesQuerySchema,
        responses: { 200: { description: 'The deliveries, newest first', schema: DeliveryListSchema } },
        problems: refusals,
      },
    },
    {
      method: 'post',
      path: `${ONE}/deliveries/:delivery/redeliver`,
      handler: postRedeliver(deps),
      operation: {
        ...common,
        id: 'redeliverWebhook',
        summary: 'Send a delivery again that has ended',
        responses: { 202: { description: 'It is sent soon' } },
        problems: [...refusals, 'webhook.delivery_not_found', 'state.conflict'],
      },
    },
  ];
}
