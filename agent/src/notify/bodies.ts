import { createHash } from 'node:crypto';
import { detail, headline, linkOf, words, type Notice } from './notice.js';

export const FORMATS = ['slack', 'alertmanager'] as const;
export type Format = (typeof FORMATS)[number];

/** What is posted, as JSON. */
export function bodyOf(notice: Notice, format: Format): string {
  return JSON.stringify(format === 'slack' ? slackBody(notice) : alertmanagerBody(notice));
}

/** An incoming webhook of Slack, and of what is compatible with it. */
function slackBody(notice: Notice): Readonly<Record<string, unknown>> {
  const link = linkOf(notice);
  const lines = [
    `*${quoted(headline(notice))}*`,
    quoted(detail(notice)),
    link === undefined ? '' : `<${link}>`,
  ];
  return {
    // What a telephone shows.
    text: quoted(headline(notice)),
    parse: 'none',
    link_names: false,
    blocks: [
      {
        type: 'section',
        text: { type: 'mrkdwn', text: lines.filter((line) => line !== '').join('\n'), verbatim: true },
      },
    ],
  };
}

/** Slack's three characters; and nobody is called by a name, whatever reads this in Slack's place. */
function quoted(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('@', '@\u200b')
    .replaceAll(/[*_~`]/g, (mark) => `${mark}\u200b`);
}

/** When nothing has ended yet, in the words of Alertmanager. */
const NEVER = '0001-01-01T00:00:00Z';

/** What Alertmanager posts to a webhook, version 4: one group of one alert. */
function alertmanagerBody(notice: Notice): Readonly<Record<string, unknown>> {
  const { target, incident } = notice;
  const link = linkOf(notice) ?? '';
  const status = isOver(notice) ? 'resolved' : 'firing';
  const labels = {
    alertname: notice.kind === 'proposal' ? 'AegisProposal' : 'AegisIncident',
    severity: notice.kind === 'proposal' ? 'info' : 'warning',
    namespace: words(target.namespace),
    cluster: words(target.cluster),
    cluster_id: words(target.clusterId),
    incident: words(incident),
    ...(notice.kind === 'proposal' ? { family: notice.family } : {}),
  };
  const annotations = {
    summary: headline(notice),
    ...(detail(notice) === '' ? {} : { description: detail(notice) }),
  };
  const fingerprint = createHash('sha256').update(JSON.stringify(labels)).digest('hex').slice(0, 16);
  const began = notice.kind === 'incident' ? notice.onset : notice.at;
  return {
    version: '4',
    groupKey: `{}:{incident=${JSON.stringify(labels.incident)}, alertname=${JSON.stringify(labels.alertname)}}`,
    truncatedAlerts: 0,
    status,
    receiver: 'aegis-agent',
    groupLabels: { alertname: labels.alertname, incident: labels.incident },
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: link,
    alerts: [
      {
        status,
        labels,
        annotations,
        startsAt: new Date(began).toISOString(),
        endsAt: status === 'resolved' ? new Date(notice.at).toISOString() : NEVER,
        generatorURL: link,
        fingerprint,
      },
    ],
  };
}

/** A postmortem is written when the agent has done what it can; a proposal is over when a person decided. */
function isOver(notice: Notice): boolean {
  return notice.kind === 'postmortem' || (notice.kind === 'proposal' && notice.state !== 'Open');
}
