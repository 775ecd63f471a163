/** Of the software, as every replica reports it. */
export const AEGIS_VERSION = '0.1.0';
