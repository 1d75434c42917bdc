import type { ActionManifest } from './manifest.js';

export const CORE_ECHO: ActionManifest = {
  name: 'core.echo',
  version: '1.0.0',
  description: 'Gives back what it is given, and writes `text` to the log of the step',
  inputs: { text: { type: 'string', description: 'what to write', required: false, default: '' } },
  otherInputs: { type: 'json', description: 'any value, given back under its name' },
  outputs: { text: { type: 'string', description: 'the text that was given' } },
  otherOutputs: { type: 'json', description: 'each other input under its name' },
  permissions: {},
};

export const CORE_TEMPLATE: ActionManifest = {
  name: 'core.template',
  version: '1.0.0',
  description: 'Fills in a template file, whose `${{ … }}` read the other inputs by their names',
  inputs: {
    template: {
      type: 'string',
      description: 'the file: of the bundle, or of the workspace where the bundle has none of that name',
      required: false,
    },
    text: {
      type: 'string',
      description: 'the text itself in place of a file; its expressions were filled in by the step already',
      required: false,
    },
    output: {
      type: 'path',
      description: 'a file to write the text to',
      required: false,
      access: 'write',
    },
  },
  otherInputs: { type: 'json', description: 'a value that the template reads by this name' },
  outputs: { text: { type: 'string', description: 'the text with all values filled in' } },
  permissions: { write: ['output'] },
};

export const CORE_JSON: ActionManifest = {
  name: 'core.json',
  version: '1.0.0',
  description: 'Reads, merges and selects JSON, in this order',
  inputs: {
    text: { type: 'string', description: 'JSON as text', required: false },
    file: { type: 'path', description: 'a file that holds JSON', required: false, access: 'read' },
    value: { type: 'json', description: 'a value, in place of a text or a file', required: false },
    merge: {
      type: 'list',
      description:
        'values to merge into it, the last one wins: maps key by key, null removes a key (RFC 7396)',
      required: false,
      default: [],
    },
    select: {
      type: 'string',
      description: 'what to keep: an expression over `value`, without braces',
      required: false,
      expression: ['value'],
    },
    output: { type: 'path', description: 'a file to write the JSON to', required: false, access: 'write' },
    indent: {
      type: 'integer',
      description: 'spaces for each level in text and file',
      required: false,
      default: 0,
      minimum: 0,
      maximum: 8,
    },
  },
  outputs: {
    value: { type: 'json', description: 'the value' },
    text: { type: 'string', description: 'the same as JSON' },
  },
  permissions: { read: ['file'], write: ['output'] },
};

export const CORE_FILE: ActionManifest = {
  name: 'core.file',
  version: '1.0.0',
  description: 'Reads, writes, copies and checks files, within what the run may read and write',
  inputs: {
    operation: {
      type: 'enum',
      description: 'what to do',
      values: ['read', 'write', 'append', 'copy', 'checksum', 'exists', 'list', 'remove'],
      required: true,
    },
    path: {
      type: 'string',
      description: 'the file, relative to the workspace; list: a glob',
      required: true,
    },
    content: { type: 'string', description: 'write, append: the text', required: false },
    to: { type: 'path', description: 'copy: where to', required: false, access: 'write' },
    sha256: {
      type: 'string',
      description: 'read, copy, checksum: what the file must have, in hexadecimal',
      required: false,
      pattern: '^(sha256:)?[0-9a-f]{64}$',
    },
    executable: {
      type: 'boolean',
      description: 'write, copy: make it a program',
      required: false,
      default: false,
    },
  },
  outputs: {
    path: { type: 'string', description: 'the file, relative to the workspace' },
    content: { type: 'string', description: 'read: the text; else empty' },
    size: { type: 'integer', description: 'in bytes; 0 where there is none' },
    sha256: { type: 'string', description: 'read, write, copy, checksum: in hexadecimal; else empty' },
    exists: { type: 'boolean', description: 'whether it is there, or was before it was removed' },
    files: {
      type: 'list',
      description: 'list: the files that match, relative to the workspace, sorted; else empty',
      items: { type: 'string' },
    },
  },
  permissions: { write: ['to'] },
};
