import type { ProviderOptOut } from '../sms-provider.js';

const MOST = 100_000;

/** The simulator's STOP list, one for all accounts and only as long as the process lives. It keeps no SMS from going out. */
export class SimulatedOptOuts {
  private readonly idByNumber = new Map<string, string>();
  private nextId = 1;

  get list(): readonly ProviderOptOut[] {
    return [...this.idByNumber].map(([phoneNumber, id]) => ({ id, phoneNumber }));
  }

  get full(): boolean {
    return this.idByNumber.size >= MOST;
  }

  /** Null: it stands there already. */
  add(phoneNumber: string): string | null {
    if (this.idByNumber.has(phoneNumber)) return null;
    const id = String(this.nextId++);
    this.idByNumber.set(phoneNumber, id);
    return id;
  }

  remove(id: string): boolean {
    const [phoneNumber] = [...this.idByNumber].find(([, known]) => known === id) ?? [];
    return phoneNumber !== undefined && this.idByNumber.delete(phoneNumber);
  }
}
