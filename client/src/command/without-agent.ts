import { existsSync } from 'node:fs';

/** What a person is told whose cluster was never watched: that nothing was seen says nothing then. Undefined: an agent was there. */
export function withoutAgent(agentPath: string): string | undefined {
  if (existsSync(agentPath)) return undefined;
  return 'no agent has watched this cluster yet: aegis up starts one, unless it is told --no-agent';
}
