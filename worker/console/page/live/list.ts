import type { Sample } from './stream'

const mostShown = 200

const element = (name: string, className: string, text: string): HTMLElement => {
  const created = document.createElement(name)
  created.className = className
  created.textContent = text
  return created
}

const pretty = (text: string): string => {
  // Parsing would round numbers beyond 2^53; text that was cut off is not JSON.
  if (/[:,[]\s*-?[\d.]{16}/.test(text)) return text
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2)
  } catch {
    return text
  }
}

const code = (label: string, text: string): HTMLElement[] => {
  const block = element('pre', 'code', pretty(text))
  block.tabIndex = 0
  return [element('h2', '', label), block]
}

const profilePath = (mpid: string): string =>
  `${location.pathname.replace(/\/live\/?$/, '')}/profiles/${encodeURIComponent(mpid)}`

const itemOf = (sample: Sample): HTMLLIElement => {
  const { at_ms, input, mpid, type, name, event, batch } = sample
  const item = document.createElement('li')
  const details = document.createElement('details')
  const summary = document.createElement('summary')
  const time = new Date(at_ms).toISOString().slice(11, 23)
  summary.append(
    element('span', 'live-time', time),
    element('span', 'live-type', type),
    element('span', 'live-name', name),
    element('span', 'live-input', input),
    element('span', 'live-mpid', mpid)
  )
  details.append(summary)
  // Created when opened, since most are not.
  details.addEventListener(
    'toggle',
    () => {
      const link = document.createElement('a')
      link.href = profilePath(mpid)
      link.textContent = `Profile ${mpid}`
      details.append(...code('Event', event), ...code('Its batch', batch), link)
    },
    { once: true }
  )
  item.append(details)
  return item
}

/** The last 200 events, newest first. While paused, new ones are held back. */
export const liveList = (list: HTMLOListElement) => {
  let waiting: Sample[] = []
  let held = 0
  let isPaused = false

  const show = (): void => {
    list.prepend(...waiting.reverse().map(itemOf))
    waiting = []
    held = 0
    while (list.children.length > mostShown) list.lastElementChild?.remove()
  }

  return {
    add: (samples: Sample[]): void => {
      waiting = [...waiting, ...samples].slice(-mostShown)
      held += samples.length
      if (!isPaused) show()
    },
    pause: (isNow: boolean): void => {
      isPaused = isNow
      if (!isPaused) show()
    },
    clear: (): void => {
      waiting = []
      held = 0
      list.replaceChildren()
    },
    isPaused: () => isPaused,
    held: () => held,
  }
}
