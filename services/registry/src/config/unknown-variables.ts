import { findDistance } from '../domain/search/distance.js';
import type { Env } from './env.js';

/** Set where the command line is used in the same shell, or what starts the service is a step of a workflow. */
const OF_OTHERS =
  /^SHEAF_(?:REGISTRY|TOKEN|ACCOUNT|ACCESSIBLE|NO_UPDATE_NOTICE|LOG_KEY|SIGNING_KEY|KEY_PASSPHRASE|TRUST_POLICY|ID_TOKEN.*|DEBUG|OUTPUT|STEP|RUN_ID|ATTEMPT|WORKSPACE|TEST_.*)$/;

/** Turns on every part whose variables are otherwise not asked for. */
const EVERY_PART: Env = {
  SHEAF_S3_BUCKET: 'every-part',
  SHEAF_OIDC_ISSUER: 'https://every-part.invalid',
  SHEAF_OIDC_AUDIENCE: 'https://audience.invalid',
  SHEAF_OIDC_CLIENT_ID: 'every-part',
};

const MAX_LENGTH = 64;
/** Most letters that differ in a name that was probably meant. */
const MAX_DISTANCE = 3;
const MAX_TOLD = 20;

/** The names of all variables that a parser of the configuration asks for. */
export function namesAskedFor(parse: (env: Env) => unknown): ReadonlySet<string> {
  const names = new Set<string>();
  const get = (_env: Env, name: string | symbol): string | undefined => {
    if (typeof name !== 'string') return undefined;
    names.add(name);
    return EVERY_PART[name];
  };
  parse(new Proxy<Env>({}, { get }));
  return names;
}

/** Of each variable that looks like one of ours and is none, a line that says so, with the name that was probably meant. */
export function describeUnknown(env: Env, known: ReadonlySet<string>): readonly string[] {
  return Object.keys(env)
    .filter((name) => /^SHEAF_[A-Z0-9_]+$/i.test(name) && name.length <= MAX_LENGTH && env[name] !== '')
    .filter((name) => !known.has(name) && !OF_OTHERS.test(name))
    .slice(0, MAX_TOLD)
    .map((name) => {
      const near = findNearest(name.toUpperCase(), known);
      return `${name} is not known; ${near === undefined ? 'sheaf-registry --help lists what is' : `did you mean ${near}?`}`;
    });
}

function findNearest(name: string, known: ReadonlySet<string>): string | undefined {
  for (let limit = 0; limit <= MAX_DISTANCE; limit += 1) {
    const near = [...known].find(
      (each) => each.length <= MAX_LENGTH && findDistance(name, each, limit) !== undefined,
    );
    if (near !== undefined) return near;
  }
  return undefined;
}
