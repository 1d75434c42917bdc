// A real server of the SDK over standard input and output, started by tests.
import { randomUUID } from 'node:crypto';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';

const { server } = new McpServer({ name: 'toy', version: '1.2.3' }, { capabilities: { tools: {} } });
const id = randomUUID();
const names = ['add', 'environment', 'die', 'chatter'];
server.setRequestHandler(ListToolsRequestSchema, () => ({
  tools: names.map((name) => ({ name, inputSchema: { type: 'object' } })),
}));
server.setRequestHandler(CallToolRequestSchema, ({ params: { name, arguments: given } }) => {
  if (name === 'die') {
    console.error('about to die');
    process.exit(7);
  }
  if (name === 'chatter') process.stdout.write('this is no message\n');
  if (name === 'environment') console.error(`asked for ${given.name}`);
  const said = name === 'add' ? given.a + given.b : (process.env[given?.name] ?? 'none');
  return {
    content: [{ type: 'text', text: String(said) }],
    structuredContent: { pid: process.pid, id },
  };
});
await server.connect(new StdioServerTransport());
