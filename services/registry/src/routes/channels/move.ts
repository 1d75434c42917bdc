import { SetChannelSchema } from '@sheaf/client/contract';
import { parseVersion, type Version } from '@sheaf/workflow';
import type { AppDeps } from '../../app-deps.js';
import { removeChannel, setChannel } from '../../domain/channels/move.js';
import { RegistryError } from '../../domain/error.js';
import type { Handler } from '../../http/context.js';
import { jsonBodyOf } from '../../http/json-body.js';
import { sendResult } from '../../http/respond.js';
import { callerOf } from '../params.js';
import { readableWorkflow } from '../readable.js';

const readRequest = jsonBodyOf(SetChannelSchema);

/** `PUT …/channels/{channel}` */
export function putChannel(deps: AppDeps): Handler {
  return async (ctx) => {
    if (!ctx.state.principal) throw new RegistryError('auth.required', 'this needs an access token');
    const ref = await readableWorkflow(deps, ctx);
    const version = versionOf((await readRequest(ctx)).version);
    const channel = ctx.params['channel'] ?? '';
    sendResult(ctx, 200, await setChannel(deps, callerOf(ctx), ref, { channel, version }));
  };
}

/** `DELETE …/channels/{channel}` */
export function deleteChannel(deps: AppDeps): Handler {
  return async (ctx) => {
    if (!ctx.state.principal) throw new RegistryError('auth.required', 'this needs an access token');
    const ref = await readableWorkflow(deps, ctx);
    const channel = ctx.params['channel'] ?? '';
    sendResult(ctx, 200, await removeChannel(deps, callerOf(ctx), ref, channel));
  };
}

function versionOf(text: string): Version {
  try {
    return parseVersion(text);
  } catch (cause) {
    throw new RegistryError('request.invalid', 'version is not a version', {
      errors: [{ pointer: '/version', code: 'field.invalid', detail: (cause as Error).message }],
      cause,
    });
  }
}
