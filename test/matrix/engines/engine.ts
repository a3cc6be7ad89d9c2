export interface StartOptions {
  /** Directory that outlives the browser. */
  profile: string
  /** With site data blocked by the user's settings. */
  isStorageBlocked?: boolean
  /**
   * Its tabs may crash and its profile is kept. Such pages of WebKit only run their own scripts: it
   * keeps nothing of a session with a driver, and ends the session when a tab crashes.
   */
  isMortal?: boolean
}

/** What a scenario needs of a browser. */
export interface Engine {
  name: 'chromium' | 'firefox' | 'webkit'
  /** What it lacks on this machine, if anything. */
  missing(): string | undefined
  start(options: StartOptions): Promise<Browser>
  /** Where a scenario is less than the real thing. */
  notes: Record<string, string>
}

export interface Browser {
  /** Where its driver tells. */
  version: string
  /** Opens a page in a tab of its own and waits until it has loaded. */
  open(url: string): Promise<Page>
  /** Ends all of its processes at once. */
  kill(): Promise<void>
  close(): Promise<void>
}

export interface Page {
  evaluate(script: string): Promise<unknown>
  close(): Promise<void>
  crash(): Promise<void>
  setOffline(isOffline: boolean): Promise<void>
}
