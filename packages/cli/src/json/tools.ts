import { Type } from '@sinclair/typebox';
import { defineDocument, type JsonOf } from './parts/document.js';
import { anyObject, listOf, oneOf, text } from './parts/fields.js';

const texts = (description: string) => listOf(Type.String(), description);

export const document = defineDocument(
  'tools',
  'What steps can use by uses: the actions that are built in, and those of the project.',
  Type.Object({
    tools: listOf(
      Type.Object({
        name: text('as uses names it'),
        version: text('its version'),
        description: text('what it does'),
        origin: oneOf(['built-in', 'project', 'server'], 'who offers it'),
        file: Type.Optional(text('the file that declares it, of a project')),
        server: Type.Optional(text('the server that has it')),
        does: Type.Optional(
          oneOf(
            ['command', 'module'],
            'what does the work, of a project: a program, or an ES module in the engine',
          ),
        ),
        deprecated: Type.Optional(
          Type.Object({
            since: text('the version that deprecated it'),
            reason: text('why'),
            use: Type.Optional(text('what to use in its place')),
          }),
        ),
        permissions: Type.Object({
          network: texts('inputs that hold addresses it opens'),
          hosts: texts('hosts that it reaches whatever its inputs are'),
          exec: listOf(texts('one of these'), 'programs that it starts'),
          programs: texts('inputs that hold commands it starts'),
          read: texts('inputs that hold paths it reads'),
          write: texts('inputs that hold paths it writes'),
        }),
        inputs: anyObject('JSON Schema of what it takes under with'),
        outputs: anyObject('JSON Schema of what it gives'),
      }),
      'sorted by name',
    ),
    problems: listOf(
      Type.Object({ file: text('a file in the folder of tools'), message: text('why it declares none') }),
      'files that cannot be used',
    ),
    allowed: Type.Optional(
      Type.Object({ path: text('the module'), digest: text('sha256 of it as it stands') }),
    ),
    asked: Type.Optional(
      Type.Object({
        name: text('the server that was asked, with --mcp'),
        server: text('the name and version that it gives itself'),
        protocol: text('the version of the protocol that was agreed on'),
        saved: Type.Optional(text('the file that its tools were written to')),
      }),
    ),
  }),
);

export type ToolsJson = JsonOf<typeof document>;
