import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Answer } from '../support/upload.js';

interface Described {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, object>> }>>;
}

/** What the description of the API says of answers. */
export interface DescribedAnswers {
  /** What is wrong with an answer, by the description; undefined for one that is as described. */
  fault(method: string, path: string, answer: Answer): string | undefined;
  /** Ids of the operations of which an answer that is no problem was looked at. */
  readonly answered: ReadonlySet<string>;
  /** Ids of those of which a problem was. */
  readonly refused: ReadonlySet<string>;
}

export function describedAnswers(document: object): DescribedAnswers {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(document, 'api');
  const paths = Object.entries((document as { paths: Record<string, Record<string, Described>> }).paths);
  const compiled = new Map<string, ValidateFunction>();
  const validatorOf = (pointer: string) => {
    const known = compiled.get(pointer) ?? ajv.compile({ $ref: `api#${pointer}` });
    compiled.set(pointer, known);
    return known;
  };
  const answered = new Set<string>();
  const refused = new Set<string>();

  const fault = (method: string, path: string, { status, headers, bytes }: Answer): string | undefined => {
    const [template, operations] = templateOf(paths, path);
    const operation = operations?.[method.toLowerCase()];
    if (template === undefined || operation === undefined) return 'the operation is not described';
    const response = operation.responses[String(status)];
    if (response === undefined) return `${operation.operationId} does not answer ${status}`;
    (status >= 400 ? refused : answered).add(operation.operationId);
    const type = (headers.get('content-type') ?? '').split(';', 1)[0] ?? '';
    const { content } = response;
    if (content === undefined) return bytes.length === 0 ? undefined : `${operation.operationId} has a body`;
    if (Object.hasOwn(content, '*/*')) return undefined;
    if (!Object.hasOwn(content, type)) return `${operation.operationId} answers ${type}`;
    if (!Object.hasOwn(content[type] ?? {}, 'schema')) return undefined;
    const keys = ['paths', template, method.toLowerCase(), 'responses', String(status), 'content', type];
    const isValid = validatorOf([...keys, 'schema'].map(escapeToken).join(''));
    if (isValid(JSON.parse(bytes.toString()))) return undefined;
    return `${operation.operationId} ${status}: ${ajv.errorsText(isValid.errors)}`;
  };
  return { fault, answered, refused };
}

/** A token of a JSON pointer as a part of a URI fragment (RFC 6901 §6). */
function escapeToken(key: string): string {
  return `/${encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))}`;
}

/** The path of the description that a request matches, the one with the most literal text first. */
function templateOf<T>(paths: readonly (readonly [string, T])[], path: string): readonly [string?, T?] {
  const plain = path.split('?', 1)[0] ?? '';
  const matching = paths.filter(([template]) => {
    const pattern = template
      .replace(/[.]/g, '\\.')
      .replace(/\{(?:path|tile)\}/g, '.+')
      .replace(/\{[A-Za-z]+\}/g, '[^/]+');
    return new RegExp(`^${pattern}$`).test(plain);
  });
  const literal = (template: string) => template.replace(/\{[A-Za-z]+\}/g, '').length;
  return matching.sort(([a], [b]) => literal(b) - literal(a))[0] ?? [];
}
