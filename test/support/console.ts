import { adminToken, request } from './weir'

const origin = 'https://weir.test'

/** A form, as a browser sends it from the page that it stands on. */
export const post = (
  path: string,
  fields: Record<string, string | string[]> = {},
  headers: Record<string, string> = {}
): Promise<Response> => {
  const body = new URLSearchParams()
  for (const [name, value] of Object.entries(fields)) {
    for (const one of [value].flat()) body.append(name, one)
  }
  return request(`/console${path}`, {
    method: 'POST',
    body,
    redirect: 'manual',
    headers: { origin, ...headers },
  })
}

/** The cookie of a session. */
export const signIn = async (token = adminToken): Promise<string> => {
  const answer = await post('/sign-in', { token })
  return answer.headers.get('set-cookie')?.split(';')[0] ?? ''
}

/** A page, as a browser asks for it. */
export const page = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  request(`/console${path}`, { redirect: 'manual', headers: { accept: 'text/html', ...headers } })

const unescaped = (html: string): string =>
  html
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')

/** What a page says is wrong, by the names of its fields. */
export const errorsIn = (html: string): Record<string, string> =>
  Object.fromEntries(
    [...html.matchAll(/<p class="error" id="field-([^"]+)-error">([^<]*)<\/p>/g)].map(
      ([, name = '', message = '']) => [name, unescaped(message)]
    )
  )

const attribute = (tag: string, name: string): string | undefined => {
  const found = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1]
  return found === undefined ? undefined : unescaped(found)
}

/** What a browser would send for the form of a page that is saved as it is. */
export const fieldsIn = (html: string): Record<string, string | string[]> => {
  const form = /<form method="post" class="form">[\s\S]*?<\/form>/.exec(html)?.[0] ?? ''
  const sent: Record<string, string | string[]> = {}
  const add = (name: string, value: string) => {
    sent[name] = sent[name] === undefined ? value : [sent[name], value].flat()
  }
  for (const [tag] of form.matchAll(/<input[^>]*>/g)) {
    const isOff = attribute(tag, 'type') === 'checkbox' && !/\schecked[\s=/>]/.test(tag)
    if (!isOff) add(attribute(tag, 'name') ?? '', attribute(tag, 'value') ?? '')
  }
  for (const [tag, text = ''] of form.matchAll(/<textarea[^>]*>([\s\S]*?)<\/textarea>/g)) {
    add(attribute(tag, 'name') ?? '', unescaped(text))
  }
  for (const [tag] of form.matchAll(/<select[\s\S]*?<\/select>/g)) {
    const options = [...tag.matchAll(/<option[^>]*>/g)].map(([option]) => option)
    const chosen = options.find((one) => /\sselected[\s=/>]/.test(one)) ?? options[0] ?? ''
    add(attribute(tag, 'name') ?? '', attribute(chosen, 'value') ?? '')
  }
  return sent
}
