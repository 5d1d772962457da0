import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { AppConfig, Clock } from '../kernel/index.js';
import { SimulatorProvider } from './simulator/simulator-provider.js';
import type { SmsProvider } from './sms-provider.js';
import { SmsPartnerProvider } from './smspartner/smspartner-provider.js';

/** The adapters there are, and which one carries an SMS. */
@Injectable()
export class Providers implements OnApplicationShutdown {
  readonly simulator: SimulatorProvider;
  readonly smspartner: SmsPartnerProvider;

  constructor(
    private readonly config: AppConfig,
    clock: Clock,
  ) {
    this.simulator = new SimulatorProvider({ clock, receiptDelayMs: config.simulatorReceiptDelayMs });
    this.smspartner = new SmsPartnerProvider({
      baseUrl: config.smspartnerBaseUrl,
      timeoutMs: config.smspartnerTimeoutMs,
      platformCredential: config.smspartnerApiKey === null ? null : { apiKey: config.smspartnerApiKey },
    });
  }

  /** A sandbox message reaches nobody, and no message of a platform that runs on the simulator does. */
  carrierOf(sms: { readonly sandbox: boolean }): SmsProvider {
    return sms.sandbox || this.config.smsProvider === 'simulator' ? this.simulator : this.smspartner;
  }

  /** By the name that attempts are stored under; null: there is none such. */
  named(name: string): SmsProvider | null {
    const known = [this.carrierOf({ sandbox: false }), this.simulator, this.smspartner];
    return known.find(provider => provider.name === name) ?? null;
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.smspartner.close(), this.simulator.close()]);
  }
}
