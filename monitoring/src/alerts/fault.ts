import type { Stopped, Trigger } from './alert.js';

const STOPPED: Readonly<Record<Stopped, string>> = {
  agent: 'the agent stops',
  operator: 'the operator stops',
  'api-server': 'the API server refuses',
  'most-replicas': 'most replicas stand still',
  'supervisor-socket': "the supervisor's socket is away",
  'certificate-renewal': 'nobody renews a certificate',
};

/** What a fault is called in tables. @param written how the name of a trace is written */
export function faultOf(trigger: Trigger, written = (trace: string): string => trace): string {
  switch (trigger.kind) {
    case 'trace':
      return written(trigger.name);
    case 'trace-with-settings':
      return `${written(trigger.name)}, with ${settingsOf(trigger.settings)}`;
    case 'stop':
      return STOPPED[trigger.what];
    case 'states-differ':
      return 'two replicas of four apply a command differently';
  }
}

function settingsOf(settings: Readonly<Record<string, number>> | undefined): string {
  if (settings === undefined) return 'its settings';
  return Object.entries(settings)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}
