import type { Dashboard, Panel } from './panel.js';

const COLUMNS = 24;
const HEIGHT = { stat: 4, timeseries: 8 } as const;
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' } as const;
/** The first schema of Grafana 11; newer ones migrate it when they load it. */
const SCHEMA_VERSION = 39;

export interface GridPlace {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** From left to right, a new row where there is no room left: as high as the highest of the row before. */
export function place(panels: readonly Panel[]): GridPlace[] {
  let [x, y, rowHeight] = [0, 0, 0];
  return panels.map(({ kind, width }) => {
    const h = HEIGHT[kind];
    if (x + width > COLUMNS) [x, y, rowHeight] = [0, y + rowHeight, 0];
    const at = { x, y, w: width, h };
    x += width;
    rowHeight = Math.max(rowHeight, h);
    return at;
  });
}

/** A dashboard as Grafana imports it. */
export function renderDashboard(dashboard: Dashboard) {
  const { uid, title, about, panels } = dashboard;
  const places = place(panels);
  return {
    uid,
    title,
    description: about,
    tags: ['aegis'],
    schemaVersion: SCHEMA_VERSION,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    timezone: '',
    annotations: { list: [] },
    links: [
      {
        type: 'dashboards',
        tags: ['aegis'],
        title: 'AEGIS',
        asDropdown: true,
        includeVars: true,
        keepTime: true,
      },
    ],
    templating: { list: variables(dashboard) },
    panels: panels.map((panel, at) => renderPanel(panel, at + 1, places[at]!)),
  };
}

function variables({ chosenBy }: Dashboard) {
  const source = { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus' };
  if (chosenBy === undefined) return [source];
  // A Prometheus outside Kubernetes gives no namespace: ".*" is also true of a label that is not there.
  const chosen = (name: string, label: string, query: string) => ({
    name,
    label,
    type: 'query',
    datasource: DATASOURCE,
    query: { query, refId: name },
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: '.*',
    current: { text: ['All'], value: ['$__all'] },
  });
  return [
    source,
    chosen('namespace', 'Namespace', `label_values(${chosenBy}, namespace)`),
    chosen('cluster', 'Cluster', `label_values(${chosenBy}{namespace=~"$namespace"}, cluster)`),
  ];
}

function renderPanel({ title, about, kind, unit, queries }: Panel, id: number, gridPos: GridPlace) {
  const calculations = { reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false } };
  const options =
    kind === 'stat'
      ? { ...calculations, colorMode: 'none', graphMode: 'none', textMode: 'auto' }
      : { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } };
  return {
    id,
    type: kind,
    title,
    description: about,
    gridPos,
    datasource: DATASOURCE,
    fieldConfig: { defaults: { unit, ...(kind === 'timeseries' ? { min: 0 } : {}) }, overrides: [] },
    options,
    targets: queries.map(({ expr, legend }, at) => ({
      refId: String.fromCodePoint(65 + at),
      datasource: DATASOURCE,
      expr,
      legendFormat: legend === '' ? '__auto' : legend,
    })),
  };
}
