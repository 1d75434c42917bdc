import { CreateTrustedPublisherSchema } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { addPublisher } from '../../domain/trusted/publishers.js';
import type { Handler } from '../../http/context.js';
import { jsonBodyOf } from '../../http/json-body.js';
import { sendResult } from '../../http/respond.js';

const readRequest = jsonBodyOf(CreateTrustedPublisherSchema);

/** `POST /v1/trusted-publishers`: lets whoever an issuer names publish in a namespace. */
export function createPublisherRoute(deps: AppDeps): Handler {
  return async (ctx) => {
    const { principal, requestId } = ctx.state;
    const request = await readRequest(ctx);
    const { created, publisher } = await addPublisher(deps, { principal, requestId }, request);
    sendResult(ctx, created ? 201 : 200, publisher);
  };
}
