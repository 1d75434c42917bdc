import type { ActionManifest, ActionOutput } from './manifest.js';

/** What every call of a tool gives, whichever server has it. */
export const MCP_OUTPUTS: Readonly<Record<'text' | 'structured' | 'content', ActionOutput>> = {
  text: { type: 'string', description: 'what it says, all its texts with line ends between them' },
  structured: { type: 'json', description: 'what it gives as a value; else null' },
  content: {
    type: 'list',
    description: 'all that it gives, as the protocol has it: texts, images, sounds, resources',
    items: { type: 'map' },
  },
};

export const MCP: ActionManifest = {
  name: 'mcp',
  version: '1.0.0',
  description: 'Calls a tool of a server that speaks the Model Context Protocol',
  inputs: {
    tool: { type: 'string', description: 'the name of the tool', required: true },
    arguments: { type: 'map', description: 'what the tool is given', required: false, default: {} },
    command: {
      type: 'list',
      description: 'a server to start, spoken to over its standard input: the program and its arguments',
      required: false,
      items: { type: 'string' },
    },
    env: {
      type: 'map',
      description: 'more environment for it; ${NAME} stands for a secret',
      required: false,
      default: {},
      items: { type: 'string' },
      secret: true,
    },
    url: {
      type: 'string',
      description: 'a server to reach: https or http (streamable HTTP), wss or ws (WebSocket)',
      required: false,
    },
    headers: {
      type: 'map',
      description: 'header fields for it; ${NAME} stands for a secret',
      required: false,
      default: {},
      items: { type: 'string' },
      secret: true,
    },
    bearer: {
      type: 'secret',
      description: 'the name of a secret, sent as Authorization: Bearer',
      required: false,
      secret: true,
    },
    connect_timeout_ms: {
      type: 'integer',
      description: 'until the server is there and has said what it is',
      required: false,
      default: 30_000,
      minimum: 1,
      maximum: 600_000,
    },
    timeout_ms: {
      type: 'integer',
      description: 'of one call',
      required: false,
      default: 60_000,
      minimum: 1,
      maximum: 3_600_000,
    },
    retries: {
      type: 'integer',
      description: 'tried again so often where nothing was done yet, or the tool says that this is safe',
      required: false,
      default: 2,
      minimum: 0,
      maximum: 10,
    },
  },
  outputs: {
    ...MCP_OUTPUTS,
    server: { type: 'string', description: 'the name and version that the server gives itself' },
    protocol: { type: 'string', description: 'the version of the protocol that was agreed on' },
    attempts: { type: 'integer', description: 'how often it was tried' },
  },
  permissions: { network: ['url'], programs: ['command'] },
};
