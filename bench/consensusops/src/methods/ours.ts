import { BOUNDS, classify, type Bounds } from '@aegis/agent/classify';
import { diagnose } from '@aegis/agent/diagnose';
import type { Answer, Method } from './method.js';

/** The classifier and the diagnosis of the agent, with bounds that stand in its source: what the search chooses is written there. */
export const ours: Method = {
  name: 'AEGIS baseline',
  about: 'Signals against bounds; causes by layer and onset (agent/src/classify, agent/src/diagnose).',
  grid: {
    behindSeconds: [BOUNDS.behindSeconds, 0.5, 1, 2, 3],
    behindMs: [BOUNDS.behindMs, 3_000, 5_000, 8_000],
    elections: [BOUNDS.elections, 2, 3, 4],
    apartMs: [BOUNDS.apartMs, 2_000, 4_000, 8_000],
    expiries: [BOUNDS.expiries, 1, 3, 10],
    expiriesShare: [BOUNDS.expiriesShare, 0.02, 0.1],
    slowSyncSeconds: [BOUNDS.slowSyncSeconds, 0.02, 0.03, 0.05],
    stalledSyncMs: [BOUNDS.stalledSyncMs, 1_000, 2_000, 4_000],
    moreTimes: [BOUNDS.moreTimes, 2, 3, 4],
    pending: [BOUNDS.pending, 50, 100, 200, 400],
    slowLinkSeconds: [BOUNDS.slowLinkSeconds, 0.03, 0.06],
    slowLoopSeconds: [BOUNDS.slowLoopSeconds, 0.013, 0.018],
  },
  judge(window, chosen): Answer {
    const bounds: Bounds = { ...BOUNDS, ...chosen };
    const seen = classify(window, bounds);
    const { causes, path } = diagnose(window, seen, { bounds });
    return { classes: seen.classes.map((finding) => finding.class), causes, path };
  },
};
