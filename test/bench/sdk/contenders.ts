import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { bundleOf, sdkFolder } from './bundles'

/** An upload, in the form of whichever SDK sent it. */
export interface Body {
  /** weir's. */
  events?: { event_type: string }[]
  /** Segment's, of one event. */
  event?: string
  /** Segment's, of a batch. */
  batch?: unknown[]
  /** Snowplow's. */
  data?: unknown[]
}

/** A browser SDK as a page of the bench loads it. */
export interface Contender {
  name: string
  /** Inline script ahead of the SDK's. */
  before?: string
  script: string | Buffer
  /**
   * Inline script that starts the SDK, with uploads to the origin `STUB`, and defines the function
   * `benchTrack`, which takes attributes.
   */
  start: string
  /** How many of the bench's events an upload has. Missing where there is no SDK to send them. */
  eventsIn?: (body: Body) => number
  /** How often the main thread is measured; 0 for what differs on the wire alone. */
  rounds: number
}

const budgetedRounds = 9
// The peers are slow.
const comparedRounds = 3

const eventName = JSON.stringify('Added to cart')

const { resolve } = createRequire(import.meta.url)
const besideMain = (name: string, file: string): string => join(dirname(resolve(name)), file)

const empty: Contender = {
  name: 'empty page',
  script: '',
  start: 'benchTrack = () => {}',
  rounds: budgetedRounds,
}

// Sessions and screen views are events, too.
const customEvents = ({ events = [] }: Body): number =>
  events.filter((event) => event.event_type === 'custom_event').length

const weir = async (): Promise<Contender> => ({
  name: 'weir.js',
  script: await readFile(join(sdkFolder, 'weir.js')),
  start: `weir.init({ key: 'bench', endpoint: STUB })
    benchTrack = (attributes) => weir.track(${eventName}, attributes)`,
  eventsIn: customEvents,
  rounds: budgetedRounds,
})

const weirCore = async (): Promise<Contender> => ({
  name: 'weir, core in a bundle',
  script: await bundleOf(['createClient'], 'iife'),
  start: `const client = bundle.createClient({ key: 'bench', endpoint: STUB })
    benchTrack = (attributes) => client.track(${eventName}, attributes)`,
  eventsIn: customEvents,
  rounds: comparedRounds,
})

// As Segment's snippet does: what it leaves behind tells the script where its settings are.
const segment = async (name: string, rounds: number, delivery: object): Promise<Contender> => ({
  name,
  before: `analytics = Object.assign([], {
    _writeKey: 'bench',
    _cdn: STUB,
    _loadOptions: { integrations: { 'Segment.io': ${JSON.stringify(delivery)} } },
  })`,
  script: await readFile(besideMain('@segment/analytics-next', '../umd/standalone.js')),
  start: `benchTrack = (attributes) => analytics.track(${eventName}, attributes)`,
  eventsIn: ({ batch, event }: Body) => (batch ? batch.length : Number(Boolean(event))),
  rounds,
})

const snowplow = async (): Promise<Contender> => ({
  name: 'Snowplow',
  script: await readFile(besideMain('@snowplow/browser-tracker', 'index.umd.min.js')),
  start: `snowplowBrowserTracking.newTracker('bench', STUB, { appId: 'bench' })
    benchTrack = (data) => snowplowBrowserTracking.trackSelfDescribingEvent({
      event: { schema: 'iglu:com.example/added_to_cart/jsonschema/1-0-0', data },
    })`,
  eventsIn: ({ data = [] }: Body) => data.length,
  rounds: comparedRounds,
})

/** The page without an SDK comes first, weir.js second, then what both are compared with. */
export const contenders = (): Promise<Contender[]> =>
  Promise.all([
    empty,
    weir(),
    weirCore(),
    segment('Segment', comparedRounds, {}),
    segment('Segment, batching', 0, { deliveryStrategy: { strategy: 'batching' } }),
    snowplow(),
  ])
