import type { Feature } from '../core'

// Query parameters of ads and mails that tell where a visitor comes from: UTM, and the click ids of
// Google, Meta, Microsoft, TikTok, X, Yandex, LinkedIn, Reddit, Snapchat, Pinterest and Impact.
const NAMES = /^utm_|cl(ic)?k?id$|^([gw]braid|li_fat_id|rdt_cid|sccid|epik)$/i

/**
 * Adds attributes to each session start and screen view: the campaign parameters of the address
 * and, if it is another site, the referrer. Existing attributes are not replaced.
 */
export const campaign = (): Feature<object> => (core) => {
  core.hooks.push(({ event_type, data }) => {
    if (!/^(session_start|screen_view)$/.test(event_type)) return
    const referrer = globalThis.document?.referrer
    const found = [...new URLSearchParams(location.search)].filter(([name]) => NAMES.test(name))
    data.custom_attributes = {
      ...(referrer && !referrer.startsWith(location.origin) && { referrer }),
      ...Object.fromEntries(found),
      ...(data.custom_attributes ?? {}),
    }
  })
  return {}
}
