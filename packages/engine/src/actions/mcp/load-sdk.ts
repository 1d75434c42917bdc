import { ActionError } from '../action-error.js';
import type * as sdk from './sdk.js';

/** All that is used of it. */
export type Sdk = typeof sdk;

let loading: Promise<Sdk> | undefined;

/** The official SDK, which who embeds the engine may do without. Throws ActionError `mcp.missing`. */
export async function loadSdk(): Promise<Sdk> {
  try {
    return await (loading ??= import('./sdk.js'));
  } catch (cause) {
    loading = undefined;
    throw new ActionError('mcp.missing', 'the Model Context Protocol is not installed here', {
      hint: 'npm install @modelcontextprotocol/sdk',
      cause,
    });
  }
}
