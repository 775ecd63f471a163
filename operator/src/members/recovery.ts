import { majority, type Observed } from './observed.js';
import { type Step, wait } from './step.js';

/** While nobody leads: data that is provably gone, or outdated pods that may be what keeps a quorum away. */
export function leaderlessStep(observed: Observed): Step | undefined {
  const { membership, places } = observed;
  if (membership !== undefined) return undefined;
  const lost = dataLost(observed);
  if (lost !== undefined) return lost;
  const outdated = places.find(
    ({ pod, terminating, current, ready }) => pod && !terminating && !current && !ready,
  );
  if (outdated !== undefined) return { kind: 'restart', ordinal: outdated.ordinal, recover: true };
  return wait('NoLeader', 'no leader answers: a quorum of the members has to run and reach each other');
}

/** So many folders are new that those which may have data are no quorum. A silent pod may have data. */
function dataLost({ record, lastVoters, places }: Observed): Step | undefined {
  const voters = lastVoters ?? Array.from({ length: record! }, (_, ordinal) => ordinal);
  // A member that was just being added is new as well, and no voter.
  const lost = places.filter(({ folder, ordinal }) => folder.state === 'joining' && voters.includes(ordinal));
  if (voters.length - lost.length >= majority(voters.length)) return undefined;
  const which = lost.map(({ ordinal }) => ordinal).join(', ');
  const message =
    `the volumes in places ${which} are new: of ${voters.length} voters too few have their data to be a quorum. ` +
    'Bring the old volumes back, or make a new cluster from a backup (bootstrap.fromBackup)';
  return { kind: 'stuck', reason: 'DataLost', message };
}
