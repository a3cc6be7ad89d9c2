/*
 * A shop's page with the mParticle web SDK. It keeps two books in localStorage: of each call that it
 * makes, which carries a name of its own, and of each batch that the SDK makes of them.
 */
{
  const book = (name) => JSON.parse(localStorage.getItem(name) ?? '[]')
  const write = (name, entry) => localStorage.setItem(name, JSON.stringify([...book(name), entry]))

  const user = () => mParticle.Identity.getCurrentUser()

  /** Makes a call that gives rise to one event, under the name that it is given. */
  const record = (type, call) => {
    const name = crypto.randomUUID()
    write('calls', { name, type, mpid: user().getMPID() })
    call({ name, step: 1, gift: true })
  }

  const batch = ({ mpid, events }) => ({
    mpid,
    events: events.map(({ event_type: type, data }) => ({ type, id: data.source_message_id })),
  })

  const asked = (method, ...rest) =>
    new Promise((done) => mParticle.Identity[method](...rest, done)).then((answer) => {
      write('answers', { method, status: answer.httpCode, mpid: answer.body?.mpid })
      return answer
    })

  const product = (sku) =>
    mParticle.eCommerce.createProduct('Hat', sku, 12.5, 2, 'red', 'Hats', 'Weir', 3, 'TEN', {
      size: 'm',
    })

  const flags = { 'Shop.Flag': 'on', 'Shop.List': ['a', 'b'] }

  globalThis.visit = {
    start: (config) =>
      new Promise((identityCallback) => {
        const onCreateBatch = (made) => {
          write('batches', batch(made))
          return made
        }
        const own = { isDevelopmentMode: true, appName: 'Page', logLevel: 'warning' }
        mParticle.init(config.key, { ...own, ...config, identityCallback, onCreateBatch })
      }),

    views() {
      record('screen_view', (attributes) => mParticle.logPageView('Home', attributes, flags))
      mParticle.setPosition(52.5, 13.4)
      for (const [name, type] of Object.entries(mParticle.EventType)) {
        if (typeof type !== 'number') continue
        record('custom_event', (attributes) => mParticle.logEvent(name, type, attributes, flags))
      }
      record('custom_event', (data) =>
        mParticle.logBaseEvent({ messageType: 4, name: 'Base', eventType: 1, data })
      )
      const [form, link] = document.querySelectorAll('form, a')
      record('custom_event', (attributes) => mParticle.logForm(form, 'Form', 8, attributes))
      record('custom_event', (attributes) => mParticle.logLink(link, 'Link', 1, attributes))
      form.requestSubmit()
      link.click()
    },

    errors() {
      record('crash_report', (attributes) => mParticle.logError('text', attributes))
      record('crash_report', (attributes) => mParticle.logError(new TypeError('no'), attributes))
    },

    attributes() {
      user().setUserAttribute('plan', 'pro')
      user().setUserAttributes({ colour: 'teal', count: 3 })
      user().setUserAttributeList('sizes', ['s', 'm'])
      user().setUserTag('tester')
      user().removeUserAttribute('colour')
      user().removeUserTag('tester')
      mParticle.setSessionAttribute('entry', 'home')
    },

    commerce() {
      const shop = mParticle.eCommerce
      shop.setCurrencyCode('EUR')
      const sale = shop.createTransactionAttributes('t-1', 'shop', 'TEN', 27.5, 5, 2.5)
      const two = [product('h-1'), product('h-2')]
      const log = (call) => record('commerce_event', call)
      for (const action of Object.values(mParticle.ProductActionType)) {
        if (typeof action !== 'number' || action === 0) continue
        log((attributes) => shop.logProductAction(action, two, attributes, flags, sale))
      }
      const promotion = shop.createPromotion('p-1', 'banner', 'Sale', 1)
      for (const action of [1, 2]) {
        log((attributes) => shop.logPromotion(action, promotion, attributes, flags))
      }
      const impressions = [shop.createImpression('Front page', two)]
      log((attributes) => shop.logImpression(impressions, attributes, flags))
      log((attributes) => shop.logCheckout(1, 'card', attributes, flags))
      log((attributes) => shop.logPurchase(sale, two, false, attributes, flags))
      log((attributes) => shop.logRefund(sale, two, false, attributes, flags))
    },

    consent() {
      const { Consent } = mParticle
      const now = Date.now()
      const choice = (isGiven) =>
        Consent.createGDPRConsent(isGiven, now, 'v1', 'footer', 'hardware')
      const given = Consent.createConsentState()
      given.addGDPRConsentState('Analytics', choice(true)).addGDPRConsentState('Ads', choice(false))
      given.setCCPAConsentState(Consent.createCCPAConsent(true, now, 'v1', 'footer', 'hardware'))
      user().setConsentState(given)
      visit.event('Consented')
      mParticle.upload()
      const less = user().getConsentState()
      less.removeGDPRConsentState('Ads').removeCCPAConsentState()
      user().setConsentState(less)
      visit.event('Consented to less')
      mParticle.upload()
    },

    optOutAndIn() {
      mParticle.setOptOut(true)
      mParticle.logEvent('While opted out', 8)
      mParticle.setOptOut(false)
      visit.event('Opted in')
    },

    login: (userIdentities) => asked('login', { userIdentities }),
    modify: (userIdentities) => asked('modify', { userIdentities }),
    logout: () => asked('logout', {}),
    search: (key, identities) => asked('search', key, identities),

    alias: (sourceMpid) =>
      new Promise((done) => {
        const { Identity } = mParticle
        Identity.aliasUsers(Identity.createAliasRequest(Identity.getUser(sourceMpid), user()), done)
      }),

    newSession() {
      mParticle.endSession()
      mParticle.startNewSession()
      visit.event('In the new session')
    },

    event: (title) =>
      record('custom_event', (attributes) => mParticle.logEvent(title, 8, attributes, flags)),

    mpid: () => user().getMPID(),
    isLoggedIn: () => user().isLoggedIn(),
  }
}
