import { describe, expect, test } from '@jest/globals';
import { DASHBOARDS } from './index.js';
import { place, renderDashboard } from './render.js';

type Rendered = ReturnType<typeof renderDashboard>;
const rendered = DASHBOARDS.map((each): [string, Rendered] => [each.uid, renderDashboard(each)]);

function overlaps(panels: Rendered['panels']): string[] {
  return panels.flatMap((a, at) =>
    panels.slice(at + 1).flatMap((b) => {
      const [p, q] = [a.gridPos, b.gridPos];
      const apart = p.x + p.w <= q.x || q.x + q.w <= p.x || p.y + p.h <= q.y || q.y + q.h <= p.y;
      return apart ? [] : [`${a.title} and ${b.title}`];
    }),
  );
}

describe.each(rendered)('the dashboard %s', (uid, dashboard) => {
  test('has a name that Grafana takes, and a title', () => {
    expect(uid).toMatch(/^[a-z][a-z0-9-]{0,39}$/);
    expect(dashboard.title).toMatch(/^AEGIS \/ /);
    expect(dashboard.tags).toContain('aegis');
    expect(dashboard.schemaVersion).toBe(39);
  });

  test('asks the Prometheus that is chosen, and no other', () => {
    const [source, ...others] = dashboard.templating.list;
    expect(source).toMatchObject({ name: 'datasource', type: 'datasource', query: 'prometheus' });
    expect(others.map(({ name }) => name)).toEqual(others.length === 0 ? [] : ['namespace', 'cluster']);
    const asked = dashboard.panels.flatMap((panel) => [
      panel.datasource,
      ...panel.targets.map((target) => target.datasource),
    ]);
    expect(new Set(asked.map(({ uid: source }) => source))).toEqual(new Set(['${datasource}']));
  });

  test('uses no variable that it does not have', () => {
    const there = new Set(dashboard.templating.list.map(({ name }) => `$${name}`));
    const used = dashboard.panels.flatMap(({ targets }) =>
      targets.flatMap(({ expr }) => expr.match(/\$\w+/g) ?? []),
    );
    expect(used.filter((name) => name !== '$__rate_interval' && !there.has(name))).toEqual([]);
  });

  test('has panels with a title of their own, a text, a unit, and queries with a letter each', () => {
    const titles = dashboard.panels.map(({ type, title }) => `${type} ${title}`);
    expect(new Set(titles).size).toBe(titles.length);
    expect(dashboard.panels.length).toBeGreaterThan(0);
    for (const { title, description, fieldConfig, targets } of dashboard.panels) {
      expect([title, description.length > 10, fieldConfig.defaults.unit]).toEqual([
        title,
        true,
        expect.stringMatching(/^[a-zA-Z_]+$/),
      ]);
      expect(targets.length).toBeGreaterThan(0);
      expect(targets.every(({ expr }) => expr.trim() !== '')).toBe(true);
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    }
  });

  test('has panels within the grid, none upon another', () => {
    expect(overlaps(dashboard.panels)).toEqual([]);
    expect(dashboard.panels.every(({ gridPos: { x, w, h } }) => x >= 0 && x + w <= 24 && h > 0)).toBe(true);
    expect(dashboard.panels.map(({ id }) => id)).toEqual(dashboard.panels.map((_, at) => at + 1));
  });

  test('looks only at members of the chosen clusters, where clusters are chosen', () => {
    if (dashboard.templating.list.length === 1) return;
    for (const { title, targets } of dashboard.panels)
      for (const { expr } of targets)
        expect([
          title,
          [...expr.matchAll(/\{([^}]*)\}/g)].every(([, inside]) => inside!.includes('cluster=~"$cluster"')),
        ]).toEqual([title, true]);
  });
});

test('names of dashboards are their own', () => {
  expect(new Set(rendered.map(([uid]) => uid)).size).toBe(rendered.length);
});

test('panels of different heights share no place', () => {
  const panel = { title: 't', about: 'a', unit: 'none', queries: [] } as const;
  const places = place([
    { ...panel, kind: 'stat', width: 4 },
    { ...panel, kind: 'timeseries', width: 12 },
    { ...panel, kind: 'stat', width: 12 },
  ]);
  expect(places).toEqual([
    { x: 0, y: 0, w: 4, h: 4 },
    { x: 4, y: 0, w: 12, h: 8 },
    { x: 0, y: 8, w: 12, h: 4 },
  ]);
});
