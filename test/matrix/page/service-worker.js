/* Lets a page load without a connection. */
const files = async () => {
  const cache = await caches.open('site')
  await cache.addAll(new URL(location.href).searchParams.getAll('file'))
}
addEventListener('install', (event) => event.waitUntil(files()))
addEventListener('activate', (event) => event.waitUntil(clients.claim()))
addEventListener('fetch', (event) => {
  const { request } = event
  if (request.method !== 'GET' || new URL(request.url).origin !== location.origin) return
  event.respondWith(fetch(request).catch(() => caches.match(request)))
})
