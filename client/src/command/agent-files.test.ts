import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readIncidents, readRecommendations } from '../config/agent-files.js';
import { renderIncidents } from './incidents.js';
import { withoutAgent } from './without-agent.js';
import { renderRecommendations } from './recommendations.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegis-agent-files-'));
  for (const kind of ['incidents', 'recommendations']) mkdirSync(join(folder, kind));
});
afterEach(() => rmSync(folder, { recursive: true }));

const ONSET = Date.parse('2026-03-04T12:00:00Z');
const write = (kind: string, name: string, content: object | string) =>
  writeFileSync(
    join(folder, kind, `${name}.json`),
    typeof content === 'string' ? content : JSON.stringify(content),
  );
const incident = (more: object = {}) => ({
  kind: 'Incident',
  version: 1,
  id: 'i-1',
  classes: ['ElectionStorm'],
  onset: ONSET,
  openedAt: ONSET + 10_000,
  causes: [{ fault: 'loop-stalled', at: 'aegis-1', sharePermille: 850 }],
  advice: 'Find out what the loop does.',
  recommendation: 'i-1',
  ...more,
});
const recommendation = (more: object = {}) => ({
  kind: 'TuningRecommendation',
  version: 1,
  id: 'i-1',
  family: 'timing',
  patch: { electionTimeoutMs: 1200 },
  phase: 'PullRequestOpen',
  reason: 'It waits for a person.',
  proposedAt: ONSET,
  branch: 'aegis/tuning/7c4f-local-aegis-timing',
  effect: 'Elections outlast the pauses.',
  verification: { result: 'Improves', before: 4_200, after: 300 },
  ...more,
});

describe('incidents', () => {
  test('are told with what is likely at fault, and what to do', () => {
    write('incidents', 'i-1', incident());
    write('incidents', 'i-2', incident({ id: 'i-2', endedAt: ONSET + 90_000, recommendation: undefined }));
    const text = renderIncidents(readIncidents(folder).read);
    expect(text).toContain('2026-03-04 12:00:00');
    expect(text).toMatch(/i-1 .* open .* ElectionStorm .* loop-stalled at aegis-1 .* yes/);
    expect(text).toMatch(/i-2 .* 2026-03-04 12:01:30/);
    expect(text).toContain('i-1: Find out what the loop does.');
  });

  test('none are none, also where no agent ever ran', () => {
    expect(renderIncidents(readIncidents(join(folder, 'nothing')).read)).toBe('no incidents');
    expect(withoutAgent(join(folder, 'nothing'))).toMatch(/no agent has watched/);
    expect(withoutAgent(folder)).toBeUndefined();
  });

  test('a file that is broken is named, and the others are shown', () => {
    write('incidents', 'i-1', incident());
    write('incidents', 'i-2', '{');
    write('incidents', 'i-3', incident({ onset: 'yesterday' }));
    write('incidents', 'i-4', { kind: 'Other' });
    write('incidents', 'i-5', `${' '.repeat(1024 * 1024)}{}`);
    const { read, raw, broken } = readIncidents(folder);
    expect(read).toHaveLength(1);
    expect(raw).toEqual([incident()]);
    expect(broken.map((line) => /i-\d\.json: (.{0,12})/.exec(line)![1])).toEqual([
      expect.any(String),
      'onset is no ',
      'no Incident',
      'more than 10',
    ]);
  });
});

describe('recommendations', () => {
  test('that wait come with the commands of a merge', () => {
    write('recommendations', 'i-1', recommendation());
    const text = renderRecommendations(readRecommendations(folder).read, "/home/o'neil/config");
    expect(text).toMatch(/timing .* electionTimeoutMs=1200 .* PullRequestOpen .* Improves: 4.2 -> 0.3/);
    expect(text).toContain(`cd '/home/o'\\''neil/config' && git pull`);
    expect(text).toContain(
      'git merge --no-ff --no-edit origin/aegis/tuning/7c4f-local-aegis-timing && git push',
    );
  });

  test('that do not wait say why', () => {
    const verification = { result: 'NotVerified', why: 'no verifier here' };
    const not = { phase: 'NotVerified', reason: 'no verifier here', branch: undefined, verification };
    write('recommendations', 'i-1', recommendation(not));
    const text = renderRecommendations(readRecommendations(folder).read, '/c');
    expect(text).toContain('i-1: no verifier here');
    expect(text).not.toContain('git merge');
  });

  test('cannot steer a terminal', () => {
    write('recommendations', 'i-1', recommendation({ effect: '\u001b[31mred\u202e', family: 'a\nb' }));
    // eslint-disable-next-line no-control-regex
    const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;
    expect(renderRecommendations(readRecommendations(folder).read, '/c')).not.toMatch(controls);
  });

  test('with a branch that is none of the agent are not made into commands', () => {
    write('recommendations', 'i-1', recommendation({ branch: 'x; rm -rf ~' }));
    expect(renderRecommendations(readRecommendations(folder).read, '/c')).not.toContain('rm -rf');
  });
});
