import { readRecording, scrapeEvery, windowOf, writeRecording, type Scrape } from '@aegis/agent/telemetry';
import { expect } from '@jest/globals';

import { TestBed } from './harness/test-bed.js';

const bed = new TestBed();

/** All of it has a value somewhere: what a name on the page is called has not changed. */
bed.scenario(
  'the agent knows every metric of real replicas, and sees who leads, who is paused and what is written',
  60_000,
  async () => {
    const cluster = await bed.cluster({ replicas: 3 });
    await cluster.start();
    const client = cluster.connect();
    const pages: Record<string, string> = {};
    const replicas: Record<string, number> = {};
    for (const { member } of cluster.replicas) {
      pages[member.name] = `http://${member.metricsAddress}/metrics`;
      replicas[member.name] = member.id;
    }
    const leader = await cluster.settled();
    const victim = cluster.replicas.find(({ member }) => member.id !== leader.replica.member.id)!;
    const scrapes: Scrape[] = [];
    const stop = new AbortController();
    const rounds = 12;
    await scrapeEvery(pages, {
      everyMs: 500,
      signal: stop.signal,
      onScrape: (scrape) => {
        scrapes.push(scrape);
        const round = Math.ceil(scrapes.length / 3);
        if (scrapes.length % 3 !== 0) return;
        void client.kv.put(`key ${round}`, 'value').catch(() => undefined);
        if (round === 6) victim.process.signal('SIGSTOP');
        if (round === 9) victim.process.signal('SIGCONT');
        if (round === rounds) stop.abort();
      },
    });
    const recording = { replicas, scrapeMs: 500, scrapes };
    const window = windowOf(readRecording(writeRecording(recording), 'memory'));
    expect(window.unknown).toEqual([]);
    const of = (name: string) => window.replicas.find((each) => each.name === name)!;
    const { name } = leader.replica.member;
    expect([...of(name).features.leads].every((value) => value === 1)).toBe(true);
    expect([...of(name).features.applied].some((value) => value > 0)).toBe(true);
    expect(of(name).answered.every(Boolean)).toBe(true);
    const paused = of(victim.member.name);
    expect(paused.answered.filter((answered) => !answered).length).toBeGreaterThanOrEqual(2);
    expect(paused.answered.slice(0, 6).every(Boolean)).toBe(true);
    expect(Math.max(...[...of(name).links[victim.member.name]!.lag].filter(Number.isFinite))).toBeGreaterThan(
      0,
    );
  },
);
