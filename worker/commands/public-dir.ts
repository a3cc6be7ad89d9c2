import { existsSync } from 'node:fs'
import { appendFile, cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

/** What the demo page needs to know about its deployment. */
export interface DemoSettings {
  aws_url: string
  admin_token: string
}

// `_headers` lets any site read all files; the demo's settings are not for other sites.
const demoHeaders = `/demo*
  ! Access-Control-Allow-Origin
  Cache-Control: no-store
`

/** Copies the built SDK and the demo page into a new folder: `dist/public` itself gets deployed. */
export const makePublicDir = async (to: string, settings: DemoSettings): Promise<void> => {
  const built = join(root, 'dist/public')
  if (!existsSync(join(built, 'weir.js'))) {
    throw new Error('The SDK is not built. Run npm run build.')
  }
  await rm(to, { recursive: true, force: true })
  await cp(built, to, { recursive: true })
  await cp(join(import.meta.dirname, 'demo'), to, { recursive: true })
  await insertSnippet(to)
  await appendFile(join(to, '_headers'), demoHeaders)
  await writeFile(join(to, 'demo/settings.json'), JSON.stringify(settings))
}

// Inserted here, since formatters of HTML would reformat the minified snippet.
const insertSnippet = async (folder: string): Promise<void> => {
  const page = await readFile(join(folder, 'demo.html'), 'utf8')
  const snippet = await readFile(join(folder, 'demo/snippet.txt'), 'utf8')
  const script = `<script>${snippet.trim()}</script>`
  await writeFile(
    join(folder, 'demo.html'),
    page.replace('<!-- snippet -->', () => script)
  )
}
