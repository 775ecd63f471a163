// Property tests draw the same in every run, so that what passed once passes again: a commit is not refused for what another
// commit brought in. `make properties` draws anew, many times.
import fc from 'fast-check';

const given = process.env.AEGIS_PROPERTY_SEED ?? '1';
const seed = Number(given);
if (!Number.isInteger(seed)) throw new Error(`AEGIS_PROPERTY_SEED is "${given}": give an integer`);
fc.configureGlobal({ seed });
