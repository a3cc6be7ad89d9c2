import { prettyJson } from './json.js'

const element = (name, className, ...content) => {
  const made = document.createElement(name)
  if (className) made.className = className
  made.append(...content)
  return made
}

export const bytesText = (bytes) =>
  bytes < 1000 ? `${bytes} B` : `${(bytes / 1000).toFixed(bytes < 10_000 ? 1 : 0)} kB`

const timeText = (time) => new Date(time).toLocaleTimeString()

/**
 * Adds a card to the top of a list. A card that was added open is closed when the next one is added,
 * unless the user has toggled it.
 *
 * @param {HTMLElement} list
 * @param {{ what: string, where: string, size: string, time: number | string, lines: string[] }} card
 * @param {{ isOpen: boolean, keep: number }} options `keep`: the most cards in the list
 */
export const addCard = (list, { what, where, size, time, lines }, { isOpen, keep }) => {
  for (const open of list.querySelectorAll('details[data-auto]')) open.open = false
  const summary = element(
    'summary',
    '',
    element('span', 'what', what),
    element('span', 'when', timeText(time)),
    element('span', 'where', where),
    element('span', 'size', size)
  )
  const pre = element('pre', '')
  pre.tabIndex = 0
  pre.setAttribute('aria-label', `${what}, content`)
  for (const [i, line] of lines.entries()) pre.append(i > 0 ? '\n\n' : '', prettyJson(line))
  const details = element('details', '', summary, pre)
  details.open = isOpen
  details.dataset.auto = ''
  summary.addEventListener('click', () => delete details.dataset.auto)
  list.prepend(element('li', 'new', details))
  while (list.children.length > keep) list.lastElementChild.remove()
}
