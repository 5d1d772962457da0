import type { Done, FloorLoad, RequestLoad } from '../load/questions.js';
import { Child } from './child.js';

/** Where load comes from: a process of its own, so that the server's core is the server's. */
export class Load {
  private readonly child = Child.start('load-worker');

  requests(load: Omit<RequestLoad, 'ask'>): Promise<Done> {
    return this.child.ask({ ask: 'requests', ...load });
  }

  floor(load: Omit<FloorLoad, 'ask'>): Promise<Done> {
    return this.child.ask({ ask: 'floor', ...load });
  }

  /** Closes the connections to what ends now. */
  async letGo(): Promise<void> {
    await this.child.ask({ ask: 'let-go' });
  }

  stop(): Promise<void> {
    return this.child.stop();
  }
}
