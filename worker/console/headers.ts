import { secureHeaders } from 'hono/secure-headers'

const self = ["'self'"]

/** What browsers may do with a page: nothing but what the console itself brings. */
export const pageHeaders = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: self,
    styleSrc: self,
    connectSrc: self,
    imgSrc: ["'self'", 'data:'],
    formAction: self,
    frameAncestors: ["'none'"],
    baseUri: ["'none'"],
  },
  // Without any referrer, browsers send no origin with forms either, which is asked for.
  referrerPolicy: 'same-origin',
  xFrameOptions: 'DENY',
  // The host may be a site's, of which the console is a part: that is for its owner to say.
  strictTransportSecurity: false,
  permissionsPolicy: { camera: [], geolocation: [], microphone: [], payment: [] },
})
