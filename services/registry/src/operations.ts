/** What the process that serves knows of its own operation. */
export interface Operations {
  /** Of the service. */
  readonly version: string;
  /** Whether it is about to stop: no more requests should be sent here. */
  readonly isStopping: () => boolean;
  /** Whether the database is the private one of the data directory, which the service itself runs. */
  readonly hasPrivateDatabase: boolean;
  /** The metrics of the whole service on this machine, as text. */
  readonly scrape: () => Promise<string>;
  /** Opens `/metrics` to callers from elsewhere; without one only this machine may ask. */
  readonly metricsToken: string | undefined;
}

/** Of an application that is part of no running service. */
export const noOperations: Operations = {
  version: '0.0.0',
  isStopping: () => false,
  hasPrivateDatabase: false,
  scrape: () => Promise.resolve(''),
  metricsToken: undefined,
};
