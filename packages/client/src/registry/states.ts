import type { Version, WorkflowId } from '@sheaf/workflow';
import { VersionDocumentSchema, routes, type VersionDocument } from '../contract/index.js';
import { expectSame, partsOf } from './answers.js';
import type { Caller, CallOptions } from './caller.js';

/** Why a version is in its state, for everybody and for good. */
export interface StateRequest {
  /** At most 500 characters. */
  readonly reason: string;
  /** A reference to use instead. */
  readonly replacement?: string;
}

type Enter = (
  id: WorkflowId,
  version: Version,
  request: StateRequest,
  options?: CallOptions,
) => Promise<VersionDocument>;
type Leave = (id: WorkflowId, version: Version, options?: CallOptions) => Promise<VersionDocument>;

/** States of a version. The same again is a success, and logs nothing. */
export interface StateMethods {
  readonly deprecate: Enter;
  readonly undeprecate: Leave;
  readonly yank: Enter;
  readonly unyank: Leave;
  /** For admins of the registry. */
  readonly quarantine: Enter;
  readonly unquarantine: Leave;
}

export function stateMethods(call: Caller, url: string): StateMethods {
  const enter =
    (route: (ns: string, name: string, v: string) => string): Enter =>
    async (id, version, json, o) => {
      const path = route(...partsOf(id), version);
      const { value } = await call.sendJson(VersionDocumentSchema, { method: 'PUT', path, json }, o);
      return expectSame(value, { id, version }, url);
    };
  const leave =
    (route: (ns: string, name: string, v: string) => string): Leave =>
    async (id, version, o) => {
      const path = route(...partsOf(id), version);
      const { value } = await call.sendJson(VersionDocumentSchema, { method: 'DELETE', path }, o);
      return expectSame(value, { id, version }, url);
    };
  return {
    deprecate: enter(routes.deprecate),
    undeprecate: leave(routes.deprecate),
    yank: enter(routes.yank),
    unyank: leave(routes.yank),
    quarantine: enter(routes.quarantine),
    unquarantine: leave(routes.quarantine),
  };
}
