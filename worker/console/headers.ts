import { secureHeaders } from 'hono/secure-headers'

const self = ["'self'"]

/** Lets browsers load into a page only files of the console. */
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
  // With `no-referrer`, browsers send forms without an origin, which csrf() and refuseForeign need.
  referrerPolicy: 'same-origin',
  xFrameOptions: 'DENY',
  // The host may belong to a larger site, whose owner decides this.
  strictTransportSecurity: false,
  permissionsPolicy: { camera: [], geolocation: [], microphone: [], payment: [] },
})
