import type { DiagnosticCode } from '../diagnostics.js';
import type { JsonValue } from '../model.js';

/** Where a value sits in a document: keys and list indices from the root. */
export type Path = readonly (string | number)[];

/** UTF-16 offsets into the source text; `end` is exclusive. */
export interface SourceRange {
  readonly start: number;
  readonly end: number;
}

/** Where a path is written. Only the root has no key. */
export interface Location {
  readonly key: SourceRange | undefined;
  readonly value: SourceRange;
  /** Turns an offset in the decoded text of a string value into an offset in the source. */
  readonly offsetOf: (decodedOffset: number) => number | undefined;
}

/** A document as plain data, and the places its parts come from. */
export interface SourceTree {
  readonly value: JsonValue;
  readonly locate: (path: Path) => Location | undefined;
}

/** A problem with a place in the text: the document could not be read as data. */
export interface SourceProblem {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly hint?: string;
  readonly label?: string;
  readonly range: SourceRange;
  readonly related?: readonly { readonly range: SourceRange; readonly label: string }[];
}

/** A problem with a place in the data. */
export interface Finding {
  readonly severity?: 'warning';
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly hint?: string;
  /** What the marked text is, in a few words. */
  readonly label?: string;
  /** Why it is so, where the message is not enough. */
  readonly note?: string;
  readonly path: Path;
  readonly at?: 'key';
  /** Offsets within the decoded text of the string at `path`. */
  readonly within?: SourceRange;
  /** The mistyped name, of which every use after the first is a place of the first finding. */
  readonly about?: string;
  /** Other places that the finding is about. */
  readonly related?: readonly RelatedFinding[];
}

/** A place that belongs to a finding, and what is to be seen there. */
export interface RelatedFinding {
  readonly path: Path;
  readonly at?: 'key';
  readonly within?: SourceRange;
  readonly label: string;
}

/** What a reader of one syntax answers. Without a tree there is at least one problem. */
export interface ReadSource {
  readonly tree?: SourceTree;
  readonly problems: readonly SourceProblem[];
  readonly findings: readonly Finding[];
}

/** More findings than anybody reads: checks stop looking for hints, or at all, so that a file full of errors is answered quickly. */
export const MAX_FINDINGS = 300;

/** Deeper documents are refused: no definition needs it, and every walker may recurse safely. */
export const MAX_DEPTH = 32;

/** JSON pointer (RFC 6901) of a path. */
export function toPointer(path: Path): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
