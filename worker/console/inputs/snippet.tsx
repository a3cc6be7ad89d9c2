import type { Input } from '../../config/input'

interface Snippet {
  id: string
  title: string
  text: string
}

const pageTag = (base: string, key: string): Snippet => ({
  id: 'snippet-page',
  title: 'In a page',
  text: `<script async src="${base}/weir.js" data-key="${key}"></script>`,
})

const serverCall = (base: string, key: string): Snippet => ({
  id: 'snippet-server',
  title: 'From a server (Events API)',
  text: `curl ${base}/v2/events -u '${key}:THE-SECRET' -H 'content-type: application/json' -d '{
  "environment": "production",
  "user_identities": { "customer_id": "c-42" },
  "events": [{ "event_type": "custom_event",
    "data": { "event_name": "Signed up", "custom_event_type": "other" } }]
}'`,
})

const appSettings = (base: string, appId: string, keyId: string): Snippet => ({
  id: 'snippet-mobile',
  title: 'Amazon Mobile Analytics',
  text: `endpoint: ${base}\napplication id: ${appId}\naccess key id: ${keyId}`,
})

const feedSettings = (base: string): Snippet => ({
  id: 'snippet-firehose',
  title: 'Firehose feed',
  text: `URL: ${base}/firehose\nAuthorization: Token THE-TOKEN`,
})

/** Lines to copy into what sends to the input. */
const snippetsOf = (input: Input, base: string): Snippet[] => {
  const { key, platform, mobile_analytics: app, firehose } = input
  return [
    ...(key && platform !== 'server' ? [pageTag(base, key)] : []),
    ...(key && platform !== 'web' ? [serverCall(base, key)] : []),
    ...(app ? [appSettings(base, app.app_id, app.access_keys[0]?.access_key_id ?? '–')] : []),
    ...(firehose ? [feedSettings(base)] : []),
  ]
}

/** @param base where the worker is reached, without a slash at the end */
export const Snippets = ({ input, base }: { input: Input; base: string }) => (
  <section class="panel">
    <h2>Send to it</h2>
    {snippetsOf(input, base).map(({ id, title, text }) => (
      <div class="snippet">
        <h3>{title}</h3>
        <pre id={id} tabindex={0}>
          {text}
        </pre>
        <button type="button" class="quiet" data-copy={`#${id}`} hidden>
          Copy
        </button>
      </div>
    ))}
  </section>
)
