/** How members that lost their folders are replaced, for whoever runs the processes of a cluster. */
export { MemberKeeper, type Place, type Places } from './member-keeper.js';
