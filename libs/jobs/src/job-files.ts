import { AppError, canonicalJson, type Code, parseCanonicalJson } from '@millrace/core';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errors } from './errors.js';
import type { JobSpec, Outcome } from './job.js';
import type { ProcessMark } from './process-info.js';

/**
 * The files of one job. `spec.json` and `argument.json` are there before the first attempt; `claim.<n>.json` says which process runs attempt n
 * (made exclusively, so of two processes that were started for it one goes on); `result.<n>.json` is what that process ended with;
 * `intent.<n>.json` is why the runner ends it; `outcome.json` is how the job ended; `told.json` is how far its log was told.
 */
export const jobFiles = (directory: string) => ({
  directory,
  spec: join(directory, 'spec.json'),
  argument: join(directory, 'argument.json'),
  outcome: join(directory, 'outcome.json'),
  log: join(directory, 'log.txt'),
  told: join(directory, 'told.json'),
  claim: (attempt: number) => join(directory, `claim.${attempt}.json`),
  result: (attempt: number) => join(directory, `result.${attempt}.json`),
  intent: (attempt: number) => join(directory, `intent.${attempt}.json`),
  progress: (attempt: number) => join(directory, `progress.${attempt}.jsonl`),
  beat: (attempt: number) => join(directory, `beat.${attempt}`),
});

export type JobFiles = ReturnType<typeof jobFiles>;

/** A spec as it lies in a file: the entry as text, the argument in a file of its own, all bounds settled. */
export type StoredSpec = Omit<JobSpec, 'entry' | 'argument' | 'memoryMb' | 'heartbeatMs' | 'retries'> & {
  readonly entry: string;
  readonly memoryMb: number;
  readonly heartbeatMs: number;
  readonly retries: number;
};

/** Which process runs an attempt, since when; pid 0 where it ended before it could say so. */
export type Claim = ProcessMark & { readonly sinceMs: number };

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** The directory of a job; INVALID_JOB_ID where the id could name another path. */
export function jobDirectory(root: string, id: string): string {
  if (!ID.test(id)) throw errors.INVALID_JOB_ID({ id });
  return join(root, id);
}

/** Writes a value durably, so that after a crash the file is whole or not there. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeAndSync(temporary, 'w', value);
    await rename(temporary, path);
    await syncDirectory(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Makes the file only where there is none: of several processes one gets true. */
export async function claimJson(path: string, value: unknown): Promise<boolean> {
  try {
    await writeAndSync(path, 'wx', value);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function writeAndSync(path: string, flags: string, value: unknown): Promise<void> {
  const handle = await open(path, flags, 0o600);
  try {
    await handle.writeFile(`${canonicalJson(value)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the entries of a directory durable. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The value of a file, or undefined where it is not there or not yet whole. */
export async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return parseCanonicalJson(await readFile(path, 'utf8')) as T;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

interface ErrorRecord {
  readonly code: Code;
  readonly domain: string;
  readonly reason: string;
  readonly message: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** An outcome as it lies in a file. */
export type OutcomeRecord = { readonly ok: true; readonly value?: unknown } | { readonly ok: false; readonly error: ErrorRecord };

export function toRecord(outcome: Outcome): OutcomeRecord {
  if (outcome.ok) return outcome;
  const { code, domain, reason, message, metadata } = outcome.error;
  return { ok: false, error: { code, domain, reason, message, metadata } };
}

export function fromRecord(record: OutcomeRecord): Outcome {
  if (record.ok) return { ok: true, value: record.value };
  const { code, domain, reason, message, metadata } = record.error;
  return { ok: false, error: new AppError(code, domain, reason, message, metadata) };
}

/** The system's name of a failure, such as ENOENT. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
