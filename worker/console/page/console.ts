const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
]

const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

const sinceOf = (seconds: number): string => {
  const [unit, length] = steps.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1]
  return words.format(Math.trunc(seconds / length), unit)
}

const showRelativeTimes = (): void => {
  for (const time of document.querySelectorAll('time')) {
    const seconds = (Date.parse(time.dateTime) - Date.now()) / 1000
    if (Number.isNaN(seconds)) continue
    time.title ||= time.textContent ?? ''
    time.textContent = sinceOf(seconds)
  }
}

const showCopyButtons = (): void => {
  for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-copy]')) {
    const source = document.querySelector(button.dataset.copy ?? '')
    if (!source || !navigator.clipboard) continue
    const label = button.textContent
    button.hidden = false
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(source.textContent ?? '')
      button.textContent = 'Copied'
      setTimeout(() => {
        button.textContent = label
      }, 2000)
    })
  }
}

/** Shows fields only while the field on which they depend has the right value. */
const showDependentFields = (): void => {
  const parts = [...document.querySelectorAll<HTMLElement>('[data-when]')]
  const show = (): void => {
    for (const part of parts) {
      const [name = '', value] = (part.dataset.when ?? '').split('=')
      const field = document.querySelector<HTMLInputElement | HTMLSelectElement>(`[name="${name}"]`)
      const isOn =
        field instanceof HTMLInputElement && field.type === 'checkbox'
          ? field.checked
          : field?.value === value
      part.hidden = !isOn
    }
  }
  document.addEventListener('change', show)
  show()
}

showRelativeTimes()
setInterval(showRelativeTimes, 30_000)
showCopyButtons()
showDependentFields()
document.querySelector<HTMLElement>('[data-focus]')?.focus()
// On phones the list of pages is one line that scrolls.
const current = document.querySelector('.bar [aria-current]')
current?.scrollIntoView({ inline: 'center', block: 'nearest' })

export {}
