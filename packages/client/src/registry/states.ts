import type { Version, WorkflowId } from '@sheaf/workflow';
import { VersionDocumentSchema, routes, type VersionDocument } from '../contract/index.js';
import { expectSame, partsOf } from './answers.js';
import type { Caller, CallOptions } from './caller.js';

/** Why a version is in its state, for everybody and for good. */
export interface StateRequest {
  /** At most 500 characters. */
  readonly reason: string;
  /** A reference to use instead. */
  readonly replacement?: string | undefined;
}

/** What may be said of the end of a state. */
export interface LeaveStateOptions extends CallOptions {
  /** Why it is taken back, at most 500 characters: kept in the log and in the audit log. */
  readonly reason?: string | undefined;
}

/** Puts a version into a state; its document as it is then. */
export type EnterState = (
  id: WorkflowId,
  version: Version,
  request: StateRequest,
  options?: CallOptions,
) => Promise<VersionDocument>;
/** Takes a version out of a state; its document as it is then. */
export type LeaveState = (
  id: WorkflowId,
  version: Version,
  options?: LeaveStateOptions,
) => Promise<VersionDocument>;

/** States of a version. The same again is a success, and logs nothing. */
export interface StateMethods {
  readonly deprecate: EnterState;
  readonly undeprecate: LeaveState;
  readonly yank: EnterState;
  readonly unyank: LeaveState;
  /** For admins of the registry. */
  readonly quarantine: EnterState;
  readonly unquarantine: LeaveState;
}

export function stateMethods(call: Caller, url: string): StateMethods {
  const enter =
    (route: (ns: string, name: string, v: string) => string): EnterState =>
    async (id, version, json, o) => {
      const path = route(...partsOf(id), version);
      const { value } = await call.sendJson(VersionDocumentSchema, { method: 'PUT', path, json }, o);
      return expectSame(value, { id, version }, url);
    };
  const leave =
    (route: (ns: string, name: string, v: string) => string): LeaveState =>
    async (id, version, o) => {
      const query = o?.reason === undefined ? '' : `?reason=${encodeURIComponent(o.reason)}`;
      const path = `${route(...partsOf(id), version)}${query}`;
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
