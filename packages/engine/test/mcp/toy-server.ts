import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CallToolRequestSchema,
  ListToolsRequestSchema,
  type CallToolResult,
} from '@modelcontextprotocol/sdk/types.js';

/** What a test may look at. */
export interface Toy {
  /** Calls of tools, by name. */
  readonly calls: string[];
}

const NUMBERS = {
  type: 'object' as const,
  properties: { a: { type: 'number' }, b: { type: 'number' } },
  required: ['a', 'b'],
};
const TOOLS = [
  {
    name: 'add',
    description: 'Adds two numbers. It is quick.',
    inputSchema: NUMBERS,
    outputSchema: { type: 'object' as const, properties: { sum: { type: 'number' } }, required: ['sum'] },
    annotations: { readOnlyHint: true },
  },
  { name: 'flaky', inputSchema: { type: 'object' as const }, annotations: { idempotentHint: true } },
  ...['fail', 'sleep', 'tell', 'lie', 'refuse', 'hang_up'].map((name) => ({
    name,
    inputSchema: { type: 'object' as const },
    ...(name === 'lie' ? { outputSchema: { type: 'object' as const, required: ['truth'] } } : {}),
  })),
];

/** A real server of the SDK, with a tool for each thing that a test needs. */
export async function connectToyServer(toy: Toy, transport: Transport): Promise<void> {
  const { server } = new McpServer(
    { name: 'toy', version: '1.2.3' },
    { capabilities: { tools: {}, logging: {} } },
  );
  const text = (said: string): CallToolResult => ({ content: [{ type: 'text', text: said }] });
  server.setRequestHandler(ListToolsRequestSchema, ({ params }) =>
    // In pages, as a large server does.
    params?.cursor === undefined
      ? { tools: TOOLS.slice(0, 2), nextCursor: 'more' }
      : { tools: TOOLS.slice(2) },
  );
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra): Promise<CallToolResult> => {
    toy.calls.push(params.name);
    switch (params.name) {
      case 'add': {
        const { a, b } = params.arguments as { a: number; b: number };
        return { ...text(`${a} + ${b}`), structuredContent: { sum: a + b } };
      }
      case 'fail':
        return { ...text('no luck\u001b[31m today'), isError: true };
      case 'lie':
        return { ...text('sure'), structuredContent: { lie: 1 } };
      case 'tell':
        await extra.sendNotification({
          method: 'notifications/message',
          params: { level: 'info', data: 'once upon\u001b a time' },
        });
        return {
          content: [
            { type: 'text', text: 'one' },
            { type: 'image', data: 'AAAA', mimeType: 'image/png' },
            { type: 'text', text: 'two' },
          ],
        };
      case 'flaky':
        if (toy.calls.length === 1) await transport.close();
        return text('well now');
      case 'hang_up':
        await transport.close();
        return text('nobody hears this');
      case 'sleep':
        await new Promise((resolve) => {
          const timer = setTimeout(resolve, 60_000);
          extra.signal.addEventListener('abort', () => {
            toy.calls.push('cancelled');
            clearTimeout(timer);
            resolve(undefined);
          });
        });
        return text('late');
      default:
        throw new Error(`not to be called: ${params.name}`);
    }
  });
  await server.connect(transport);
}
