import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface RunningServer {
  readonly pid: number;
  readonly port: number;
}

/** What postmaster.pid names (line 1 the process, line 4 the port), starting or stopping included. Null: nobody. */
export async function runningServer(cluster: string): Promise<RunningServer | null> {
  const content = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = content.split('\n');
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!Number.isInteger(pid) || pid <= 0 || !Number.isInteger(port) || port <= 0) return null;
  return (await isAlive(pid)) ? { pid, port } : null;
}

/** A file that outlived its server may name a process of another kind by now: in a container the numbers repeat. */
async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  // Only Linux tells; elsewhere it is taken for a server, and connecting to it decides.
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => null);
  return command === null || command.includes('postgres');
}
