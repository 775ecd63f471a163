import { expect, test } from '@jest/globals';

import { inBrowser, keep } from './looked-at.js';

inBrowser('the replicas on the dashboard', (look) => {
  test('five of them, who leads, indexes that move, round trips and fsync', async () => {
    const { tab } = await look();
    await tab.shows('5 of 5', '#summary');
    expect(await tab.value('document.querySelectorAll(".node").length')).toBe(5);
    expect(await tab.value('document.querySelectorAll(".link").length')).toBe(10);
    expect(await tab.text('#replicas tbody tr')).toContain('leads');
    const committed = await tab.text('#replicas tbody td:nth-child(4)');
    await tab.until(
      `document.querySelector('#replicas tbody td:nth-child(4)').innerText > ${JSON.stringify(committed)}`,
    );
    await tab.until(`/\\dms|\\d (ms|µs)/.test(document.querySelector('#replicas tbody tr').innerText)`);
    await tab.until(
      `/\\d (ms|µs)/.test([...document.querySelectorAll('.trip')].map((each) => each.textContent).join(' '))`,
    );
    await keep(tab, 'healthy');
  });

  test.each([1, 7])('%i replicas', async (many) => {
    const { tab } = await look(many);
    await tab.until(`document.querySelectorAll('.node').length === ${many}`);
    expect(await tab.text('#replicas')).toContain(`aegis-${many}`);
  });

  test('another leader within a second, and the one that died', async () => {
    const { agent, tab } = await look();
    await tab.shows('ash', '#summary b');
    await agent.replicas[0]!.stop();
    Object.assign(agent.replicas[1]!.facts, { leads: true, term: 4 });
    const tookMs = await tab.shows('birch', '#summary b');
    await tab.shows('silent since', '#replicas');
    expect(await tab.value(`document.querySelector('.node').dataset.role`)).toBe('silent');
    expect(await tab.value(`document.querySelector('#ring svg').getAttribute('aria-label')`)).toContain(
      'ash does not answer, birch leads',
    );
    await keep(tab, 'leader-killed');
    expect(tookMs).toBeLessThan(1_000);
  });

  test('no leader, a full disk and a lost quorum are said', async () => {
    const { agent, tab } = await look();
    Object.assign(agent.replicas[0]!.facts, { leads: false, hasLeader: false, diskFull: true });
    await tab.shows('none', '#summary b');
    await tab.shows('knows no leader, its disk is full', '#replicas');
    for (const replica of agent.replicas.slice(2)) await replica.stop();
    await tab.shows('2 of 5', '#summary');
    expect(await tab.value(`document.querySelectorAll('#summary b.bad').length`)).toBe(2);
  });

  test('a slow link and one that is cut', async () => {
    const { agent, tab } = await look();
    agent.replicas[1]!.facts.links['3'] = { roundTripSeconds: 0.5, answers: true };
    agent.replicas[2]!.facts.links['4'] = { roundTripSeconds: 0.001, answers: false };
    await tab.until(`document.querySelector('.link[data-state="slow"]') !== null`, 60_000);
    await tab.until(`document.querySelector('.link[data-state="cut"]') !== null`, 60_000);
    await tab.click('details summary');
    await tab.shows('100 % lost', '#links');
  });

  test('an agent that is gone is said, what was known stays, and it comes back by itself', async () => {
    const { agent, tab } = await look();
    await tab.shows('ash', '#summary');
    await agent.die();
    await tab.shows('The agent does not answer since', '#connection');
    expect(await tab.text('#summary')).toContain('ash');
    await agent.resume();
    await tab.until(`document.querySelector('#connection').dataset.state === 'live'`);
    expect(await tab.value(`document.querySelector('main').className`)).toBe('');
  });

  test('after a sleep it is live again', async () => {
    const { agent, tab } = await look();
    await tab.shows('5 of 5', '#summary');
    await tab.ask('Page.setWebLifecycleState', { state: 'frozen' });
    await agent.die();
    await agent.resume();
    Object.assign(agent.replicas[0]!.facts, { leads: false });
    Object.assign(agent.replicas[3]!.facts, { leads: true, term: 9 });
    await tab.ask('Page.setWebLifecycleState', { state: 'active' });
    await tab.shows('elm', '#summary b');
  });

  test('a supervisor that does not answer', async () => {
    const { agent, tab } = await look();
    agent.known = { standing: agent.known!.standing, supervisor: 'no such socket' };
    await tab.shows('the supervisor does not answer: no such socket', '#connection');
    expect(await tab.text('#summary')).toContain('5 of 5');
  });
});
