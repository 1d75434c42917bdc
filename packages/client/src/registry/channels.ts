import type { Version, WorkflowId } from '@sheaf/workflow';
import {
  ChannelDocumentSchema,
  ChannelListSchema,
  routes,
  type Channel,
  type ChannelDocument,
} from '../contract/index.js';
import { expectSame, partsOf } from './answers.js';
import type { Caller, CallOptions } from './caller.js';

/** Channels of a workflow, as the registry tells of them. */
export interface ChannelMethods {
  /** All channels of a workflow and where they point, unverified. */
  listChannels(id: WorkflowId, options?: CallOptions): Promise<readonly Channel[]>;
  /** Points a channel at a version. The same again is a success, and logs nothing. */
  setChannel(
    id: WorkflowId,
    channel: string,
    version: Version,
    options?: CallOptions,
  ): Promise<ChannelDocument>;
  /** Removes a channel that was set by hand; `latest` follows again. */
  removeChannel(id: WorkflowId, channel: string, options?: CallOptions): Promise<ChannelDocument>;
}

export function channelMethods(call: Caller, url: string): ChannelMethods {
  return {
    listChannels: async (id, o) => {
      const list = await call.getJson(ChannelListSchema, routes.channels(...partsOf(id)), o);
      return expectSame(list, { id }, url).channels;
    },
    setChannel: async (id, channel, version, o) => {
      const path = routes.channel(...partsOf(id), channel);
      const request = { method: 'PUT', path, json: { version } } as const;
      const { value } = await call.sendJson(ChannelDocumentSchema, request, o);
      return expectSame(value, { id, channel }, url);
    },
    removeChannel: async (id, channel, o) => {
      const path = routes.channel(...partsOf(id), channel);
      const { value } = await call.sendJson(ChannelDocumentSchema, { method: 'DELETE', path }, o);
      return expectSame(value, { id, channel }, url);
    },
  };
}
