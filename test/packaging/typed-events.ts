import {
  type Client,
  commerce,
  createClient,
  errors,
  type FullClient,
  people,
  privacy,
  type RecordedEvent,
  type Weir,
} from 'weir'

/*
 * What the compiler says of pages that use the SDK. Nothing here runs.
 */

interface Events {
  'Signed up': { plan: 'free' | 'pro'; seats?: number }
  'Logged out': undefined
}

export const typedEvents = () => {
  const weir = createClient<Events>({ key: 'test-key' })
  weir.track('Signed up', { plan: 'pro' })
  weir.track('Signed up', { plan: 'free', seats: 3 }, { type: 'transaction', flags: { deal: 7 } })
  weir.track('Logged out')
  weir.track('Logged out', undefined, { type: 'navigation' })
  // @ts-expect-error there is no such event
  weir.track('Signed in', { plan: 'pro' })
  // @ts-expect-error it has attributes
  weir.track('Signed up')
  // @ts-expect-error one of them is missing
  weir.track('Signed up', { seats: 3 })
  // @ts-expect-error no such plan
  weir.track('Signed up', { plan: 'gold' })
  // @ts-expect-error no such attribute
  weir.track('Signed up', { plan: 'pro', colour: 'green' })
  // @ts-expect-error it has no attributes
  weir.track('Logged out', { plan: 'pro' })
  // @ts-expect-error no such type of event
  weir.track('Logged out', undefined, { type: 'leaving' })
}

export const wrongEvents = () => {
  // @ts-expect-error an attribute cannot be an object
  createClient<{ 'Signed up': { plan: { name: string } } }>({ key: 'test-key' })
}

export const anyEvents = () => {
  const weir = createClient({ key: 'test-key' })
  weir.track('Anything')
  weir.track('Anything', { is: true, count: 1, name: 'it', none: null })
  // @ts-expect-error an attribute cannot be a list
  weir.track('Anything', { list: [1] })
  // @ts-expect-error the key is missing
  createClient({ endpoint: 'https://events.example.com' })
  // @ts-expect-error no such identity
  weir.identify({ telephone: '1' })
  // @ts-expect-error that is a method of a feature it does not use
  weir.set({ plan: 'pro' })
}

export const features = () => {
  const weir = createClient<Events>({ key: 'test-key' })
    .use(people())
    .use(commerce())
    .use(errors({ uncaught: false }))
    .use(privacy({ signals: true }))
  weir.track('Logged out')
  weir.set({ plan: 'pro', colours: ['teal'], tag: null })
  weir.trackProducts('purchase', [{ id: 'W-42', name: 'Watering can' }], { currency_code: 'EUR' })
  weir.setConsent({ gdpr: { analytics: true, ads: { consented: false } }, ccpa: null })
  const isOptedOut: boolean = weir.isOptedOut()
  // @ts-expect-error events stay checked
  weir.track('Signed in')
  // @ts-expect-error a product has a name
  weir.trackProducts('purchase', [{ id: 'W-42' }])
  // @ts-expect-error no such action
  weir.trackProducts('buy', [])
  // @ts-expect-error a number cannot grow by a text
  weir.increment({ visits: '1' })
  return isOptedOut
}

/** The client may be handed on as what it is. */
export const handedOn = (weir: Client<Events>, full: FullClient) => {
  weir.track('Logged out')
  full.locate({ enableHighAccuracy: true })
  return full.session()?.id
}

/** A feature of a page's own. */
export const ownFeature = () =>
  createClient({ key: 'test-key' })
    .use(({ record, hooks }) => {
      hooks.push(({ data }: RecordedEvent) => {
        data.build = 7
      })
      return { rate: (stars: number) => record('custom_event', { event_name: 'Rated', stars }) }
    })
    .rate(5)

declare const weir: Weir
declare const full: Weir<FullClient>

export const script = () => {
  weir.init({ key: 'test-key', pages: false, sessions: { timeoutMs: 60_000 } }).set({ plan: 'pro' })
  full.init({ key: 'test-key', network: { query: true } }).alias()
  full.createClient({ key: 'other-key' }).track('Anything')
  // @ts-expect-error that is a method of the full script
  weir.locate()
}
