import { ResealSecrets } from './accounts/index.js';
import { createApp } from './create-app.js';
import { AppConfig } from './kernel/index.js';
import { readConfig } from './kernel/config/read-config.js';
import { SEND_POLICIES } from './scheduling/index.js';
import { BadConfiguration } from './start-failure.js';
import { stopAll, withDatabase } from './start.js';

export interface ResealReport {
  readonly text: string;
  /** Nothing is left that needs MASTER_KEY_PREVIOUS. */
  readonly complete: boolean;
}

/** `main.js reseal`: seals under MASTER_KEY what MASTER_KEY_PREVIOUS sealed, and ends. Relais may run meanwhile. */
export async function resealOnly(env: Readonly<Record<string, string | undefined>>): Promise<ResealReport> {
  const reading = readConfig(env, SEND_POLICIES);
  if (!reading.ok) throw new BadConfiguration(reading.problems);
  const { config, embedded } = await withDatabase(reading.config);
  // As an api, it takes no work.
  const app = await createApp(new AppConfig({ ...config, role: 'api' })).catch(async (error: unknown) => {
    await stopAll(null, embedded);
    throw error;
  });
  try {
    return report(await app.get(ResealSecrets).execute());
  } finally {
    await stopAll(app, embedded);
  }
}

function report({ anew, already, left }: Awaited<ReturnType<ResealSecrets['execute']>>): ResealReport {
  const done = `Sealed anew under MASTER_KEY: ${anew}. Under it before: ${already}.`;
  if (left.length === 0) return { text: `${done} MASTER_KEY_PREVIOUS is not needed any more.`, complete: true };
  const lines = left.map(row => `  ${row}`);
  const told = `These ${left.length} open under neither MASTER_KEY nor MASTER_KEY_PREVIOUS; set them anew:`;
  return { text: [done, told, ...lines].join('\n'), complete: false };
}
