import { fstatSync } from 'node:fs';
import type { OutputStream } from '../terminal/stream.js';
import { holdsCommand, stopCommands, withoutCommands, type CiKind } from './ci.js';

/**
 * What is said, in the log of a CI, which reads it for commands: whatever others wrote of it, nothing is one. What is meant as one
 * goes to the stream itself.
 */
export function guardTalk(stream: OutputStream, ci: CiKind | undefined): OutputStream {
  return guard(stream, ci === undefined ? undefined : (text) => withoutCommands(text, ci));
}

/**
 * The same for answers, which programs read as well: for GitHub nothing is altered in them, and what looks like a command stands
 * between marks. In a file no CI sees it.
 */
export function guardAnswer(stream: OutputStream, ci: CiKind | undefined): OutputStream {
  if (!isJobLog(ci)) return stream;
  return guard(stream, ci === 'github' ? betweenMarks : (text) => withoutCommands(text, ci));
}

/** Whether the answer goes to the log of a job, where people and the CI read it, and not into a file. */
export function isJobLog(ci: CiKind | undefined): ci is CiKind {
  return ci !== undefined && !isFile(1);
}

/** Nobody can foresee the word that ends the silence. */
export function betweenMarks(text: string): string {
  if (!holdsCommand(text, 'github')) return text;
  const { begin, end } = stopCommands(crypto.randomUUID().replaceAll('-', ''));
  return `${begin}\n${text}${text.endsWith('\n') ? '' : '\n'}${end}\n`;
}

function guard(stream: OutputStream, make: ((text: string) => string) | undefined): OutputStream {
  if (make === undefined) return stream;
  return {
    ...stream,
    write: (text) => {
      stream.write(typeof text === 'string' ? make(text) : text);
    },
  };
}

function isFile(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFile();
  } catch {
    return false;
  }
}
