import { X509Certificate, createPrivateKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Authority, madeMs, notAfterMs } from './authority.js';
import { holderFolder, makeCertificates, readTls } from './store.js';

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'aegis-tls-'));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('every holder gets a certificate of its role, signed by the authority, with its key', () =>
  inFolder(async (folder) => {
    await makeCertificates(folder, 'some-id', ['aegis-1', 'aegis-2']);
    const authority = new X509Certificate(readFileSync(join(folder, 'ca.crt')));
    expect(authority.ca).toBe(true);
    expect(authority.subject).toContain('some-id');
    const roles = { 'aegis-1': 'replica', 'aegis-2': 'replica', client: 'client', admin: 'admin' };
    for (const [holder, role] of Object.entries(roles)) {
      const { ca, cert, key } = readTls(holderFolder(folder, holder));
      const certificate = new X509Certificate(cert);
      expect(new X509Certificate(ca).fingerprint256).toBe(authority.fingerprint256);
      expect(certificate.checkIssued(authority)).toBe(true);
      expect(certificate.verify(authority.publicKey)).toBe(true);
      expect(certificate.checkPrivateKey(createPrivateKey(key as Buffer))).toBe(true);
      expect(certificate.subject).toContain(`O=aegis:${role}`);
      expect(certificate.ca).toBe(false);
    }
  }));

test('replicas serve on loopback and call each other; clients only call', () =>
  inFolder(async (folder) => {
    await makeCertificates(folder, 'some-id', ['aegis-1']);
    const replica = new X509Certificate(readTls(holderFolder(folder, 'aegis-1')).cert);
    for (const address of ['127.0.0.1', '::1']) expect(replica.checkIP(address)).toBe(address);
    expect(replica.checkHost('localhost')).toBe('localhost');
    expect(replica.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
    const client = new X509Certificate(readTls(holderFolder(folder, 'client')).cert);
    expect(client.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  }));

test('keys are for their owner only', () =>
  inFolder(async (folder) => {
    await makeCertificates(folder, 'some-id', ['aegis-1']);
    for (const key of ['ca.key', 'aegis-1/tls.key', 'client/tls.key', 'admin/tls.key']) {
      expect((statSync(join(folder, key)).mode & 0o777).toString(8)).toBe('600');
    }
  }));

test('a second start keeps what is good and makes what is missing, from the same authority', () =>
  inFolder(async (folder) => {
    await makeCertificates(folder, 'some-id', ['aegis-1']);
    const before = readFileSync(join(folder, 'aegis-1', 'tls.crt'), 'utf8');
    const authority = readFileSync(join(folder, 'ca.crt'), 'utf8');
    rmSync(join(folder, 'client'), { recursive: true });
    await makeCertificates(folder, 'some-id', ['aegis-1']);
    expect(readFileSync(join(folder, 'aegis-1', 'tls.crt'), 'utf8')).toBe(before);
    const client = new X509Certificate(readTls(holderFolder(folder, 'client')).cert);
    expect(client.verify(new X509Certificate(authority).publicKey)).toBe(true);
  }));

test("another cluster's authority did not sign them", async () => {
  const authority = await Authority.create('one');
  const other = await Authority.create('two');
  const { cert } = await authority.issue({ name: 'client', role: 'aegis:client' });
  expect(new X509Certificate(cert).verify(new X509Certificate(other.pem.cert).publicKey)).toBe(false);
});

describe('how long it lives', () => {
  const DAY_MS = 86_400_000;
  const now = new Date('2030-01-01T00:00:00Z');
  const daysOf = (cert: string): number => (notAfterMs(cert) - now.getTime()) / DAY_MS;
  const client = { name: 'client', role: 'aegis:client' } as const;

  test('is said in days, from when it is made, and clocks may be late', async () => {
    const authority = await Authority.create('one', { days: 10, now });
    const { cert } = await authority.issue(client, { days: 1.5, now });
    expect([daysOf(authority.pem.cert), daysOf(cert)]).toEqual([10, 1.5]);
    expect([madeMs(authority.pem.cert), madeMs(cert)]).toEqual([now.getTime(), now.getTime()]);
    expect(new X509Certificate(cert).validFromDate.getTime()).toBe(now.getTime() - DAY_MS);
  });

  test('ends with the authority at the latest', async () => {
    const authority = await Authority.create('one', { days: 10, now });
    expect(daysOf((await authority.issue(client, { now })).cert)).toBe(10);
  });

  test.each([0, 0.9, -1, 398, NaN, Infinity])('is not %d days', async (days) => {
    const authority = await Authority.create('one', { now });
    await expect(authority.issue(client, { days, now })).rejects.toThrow(/days: from 1 to 397/);
    if (days !== 398)
      await expect(Authority.create('one', { days, now })).rejects.toThrow(/days: from 1 to 3650/);
  });
});
