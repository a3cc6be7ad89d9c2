import { parseJson, stringifyJson } from '../../base/json'

const shownChars = 20_000

const pretty = (text: string): string => {
  try {
    const value = parseJson(text)
    return typeof value === 'object' && value !== null ? stringifyJson(value, 2) : text
  } catch {
    return text
  }
}

interface PayloadProps {
  text: string
  /** For screen readers. */
  label: string
}

/** A payload: JSON is indented, other text is shown as it is. */
export const Payload = ({ text, label }: PayloadProps) => {
  const whole = pretty(text)
  const isCut = whole.length > shownChars
  return (
    <>
      <section aria-label={label} tabindex={0} class="payload">
        <pre>{isCut ? `${whole.slice(0, shownChars)}…` : whole}</pre>
      </section>
      {isCut ? <p class="help">Only its beginning is shown. The admin API has all of it.</p> : null}
    </>
  )
}
