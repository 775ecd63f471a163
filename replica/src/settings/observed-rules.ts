import type { ConsensusSettings, SettingName } from './fields.js';
import type { ObservedRule, Side } from './rule.js';

const ETCD_TUNING = 'etcd documentation, Tuning: time parameters';
const DESIGN = 'AEGIS design, section 4';
const US_PER_MS = 1000;
const MS_PER_SECOND = 1000;

/** A setting in milliseconds, as microseconds. */
function microseconds(settings: ConsensusSettings, name: SettingName, times = 1): Side {
  const value = times * settings[name] * US_PER_MS;
  const factor = times === 1 ? '' : `${times} x `;
  return { value, text: `${factor}${name} ${settings[name]} = ${value} µs` };
}

/** Decided against measurements. Whole numbers only; what a division would cut is rounded against the change. */
export const OBSERVED_RULES: readonly ObservedRule[] = [
  {
    id: 'election-over-round-trip',
    kind: 'observed',
    severity: 'required',
    source: ETCD_TUNING,
    reason: 'A follower must not seek election because an answer took as long as answers take here.',
    statement: 'electionTimeoutMs >= 10 x p99 round trip of the worst link',
    needs: ['roundTripP99Us'],
    settings: ['electionTimeoutMs'],
    compare: (settings, { roundTripP99Us }) => ({
      greater: microseconds(settings, 'electionTimeoutMs'),
      lesser: {
        value: 10 * roundTripP99Us,
        text: `10 x p99 round trip ${roundTripP99Us} = ${10 * roundTripP99Us} µs`,
      },
    }),
  },
  {
    id: 'election-over-stall',
    kind: 'observed',
    severity: 'required',
    source: DESIGN,
    reason:
      'A leader whose disk or process stands still as long as they were seen to must not lose its office for it.',
    statement: 'electionTimeoutMs > p99.9 write and sync of the log + longest pause',
    needs: ['fsyncP999Us', 'pauseMaxUs'],
    settings: ['electionTimeoutMs'],
    compare: (settings, { fsyncP999Us, pauseMaxUs }) => ({
      greater: microseconds(settings, 'electionTimeoutMs'),
      lesser: {
        value: fsyncP999Us + pauseMaxUs + 1,
        text: `p99.9 fsync ${fsyncP999Us} + longest pause ${pauseMaxUs} + 1 = ${fsyncP999Us + pauseMaxUs + 1} µs`,
      },
    }),
  },
  {
    id: 'heartbeat-over-half-round-trip',
    kind: 'observed',
    severity: 'required',
    source: ETCD_TUNING,
    reason: 'Heartbeats that leave faster than the link answers only pile up on it.',
    statement: '2 x heartbeatIntervalMs >= mean round trip of the worst link',
    needs: ['roundTripMeanUs'],
    settings: ['heartbeatIntervalMs'],
    compare: (settings, { roundTripMeanUs }) => ({
      greater: microseconds(settings, 'heartbeatIntervalMs', 2),
      lesser: { value: roundTripMeanUs, text: `mean round trip ${roundTripMeanUs} µs` },
    }),
  },
  {
    id: 'retention-over-transfer',
    kind: 'observed',
    severity: 'required',
    source: DESIGN,
    reason:
      'A follower that was sent a snapshot must find in the log what was written meanwhile, or it needs the next one, and so on.',
    statement: 'logRetentionEntries >= entries a second x (snapshot transfer + restore)',
    needs: ['entriesPerSecond', 'stateBytes', 'restoreMs'],
    settings: ['logRetentionEntries', 'snapshotBytesPerSecond'],
    compare: (settings, { entriesPerSecond, stateBytes, restoreMs }) => {
      const { logRetentionEntries, snapshotBytesPerSecond } = settings;
      const transferMs = Math.ceil((stateBytes * MS_PER_SECOND) / snapshotBytesPerSecond);
      const value = Math.ceil((entriesPerSecond * (transferMs + restoreMs)) / MS_PER_SECOND);
      return {
        greater: { value: logRetentionEntries, text: `logRetentionEntries ${logRetentionEntries}` },
        lesser: {
          value,
          text: `${entriesPerSecond} entries/s x (transfer of ${stateBytes} bytes at snapshotBytesPerSecond ${snapshotBytesPerSecond} ${transferMs} + restore ${restoreMs} ms) = ${value}`,
        },
      };
    },
  },
];
