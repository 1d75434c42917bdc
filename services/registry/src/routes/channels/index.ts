import { ChannelDocumentSchema, ChannelListSchema, SetChannelSchema } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { LOGGED_PROBLEMS } from '../logged-problems.js';
import type { Route } from '../route.js';
import { deleteChannel, putChannel } from './move.js';
import { HistoryQuerySchema, listChannels, showChannel } from './show.js';

const LIST = '/v1/workflows/:namespace/:name/channels';
const ONE = `${LIST}/:channel`;

/** Channels of a workflow. They come before the versions of one, because no version is called `channels`. */
export function channelRoutes(deps: AppDeps): readonly Route[] {
  return [
    {
      method: 'get',
      path: LIST,
      handler: listChannels(deps),
      operation: {
        id: 'listChannels',
        summary: 'The channels of a workflow, and where they point',
        tag: 'channels',
        access: 'readable',
        responses: {
          200: { description: 'The channels', schema: ChannelListSchema, isRepresentation: true },
        },
        problems: ['workflow.not_found'],
      },
    },
    {
      method: 'get',
      path: ONE,
      handler: showChannel(deps),
      operation: {
        id: 'showChannel',
        summary: 'A channel and its moves',
        tag: 'channels',
        access: 'readable',
        query: HistoryQuerySchema,
        responses: {
          200: { description: 'The channel', schema: ChannelDocumentSchema, isRepresentation: true },
        },
        problems: ['workflow.not_found', 'channel.not_found', 'channel.name_refused'],
      },
    },
    {
      method: 'put',
      path: ONE,
      handler: putChannel(deps),
      operation: {
        id: 'setChannel',
        summary: 'Point a channel at a version',
        tag: 'channels',
        access: 'signed-in',
        request: { mediaType: 'application/json', schema: SetChannelSchema },
        responses: { 200: { description: 'The channel points there', schema: ChannelDocumentSchema } },
        problems: [
          'auth.scope_missing',
          'auth.role_missing',
          'workflow.not_found',
          'version.not_found',
          'state.conflict',
          'channel.name_refused',
          'channel.limit',
          ...LOGGED_PROBLEMS,
        ],
      },
    },
    {
      method: 'delete',
      path: ONE,
      handler: deleteChannel(deps),
      operation: {
        id: 'removeChannel',
        summary: 'Remove a channel; latest follows again',
        tag: 'channels',
        access: 'signed-in',
        responses: { 200: { description: 'It is not set any more', schema: ChannelDocumentSchema } },
        problems: [
          'auth.scope_missing',
          'auth.role_missing',
          'workflow.not_found',
          'channel.not_found',
          'channel.name_refused',
          ...LOGGED_PROBLEMS,
        ],
      },
    },
  ];
}
