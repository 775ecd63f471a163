/** Which services a cluster offers; decides the defaults. */
export const PROFILES = ['locks', 'kv', 'all'] as const;
export type Profile = (typeof PROFILES)[number];
export const DEFAULT_PROFILE: Profile = 'all';

export function isProfile(value: unknown): value is Profile {
  return PROFILES.some((profile) => profile === value);
}
