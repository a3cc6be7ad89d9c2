import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import terser from '@rollup/plugin-terser'
import { dts } from 'rollup-plugin-dts'
import esbuild from 'rollup-plugin-esbuild'

const { version } = JSON.parse(await readFile(new URL('package.json', import.meta.url), 'utf8'))

const headers = `/*
  Access-Control-Allow-Origin: *
  X-Content-Type-Options: nosniff
/weir.js
  Cache-Control: public, max-age=3600
/weir.mjs
  Cache-Control: public, max-age=3600
/sdk/*
  Cache-Control: public, max-age=31536000, immutable
`

/** Copies what was built to where the worker serves static files from. */
const publish = (name) => ({
  name: 'publish',
  async writeBundle() {
    await mkdir(`dist/public/sdk/${version}`, { recursive: true })
    await copyFile(`dist/sdk/${name}`, `dist/public/${name}`)
    await copyFile(`dist/sdk/${name}`, `dist/public/sdk/${version}/${name}`)
    await writeFile('dist/public/_headers', headers)
  },
})

const sdk = (input, name, format) => ({
  input,
  plugins: [
    esbuild({ target: 'es2022', define: { WEIR_VERSION: JSON.stringify(version) } }),
    terser({ ecma: 2022, module: true, compress: { passes: 3 } }),
    publish(name),
  ],
  output: { file: `dist/sdk/${name}`, format },
})

export default [
  sdk('sdk/browser/global.ts', 'weir.js', 'iife'),
  sdk('sdk/browser/index.ts', 'weir.mjs', 'es'),
  {
    input: 'sdk/browser/index.ts',
    plugins: [dts({ tsconfig: 'sdk/tsconfig.json' })],
    output: { file: 'dist/sdk/weir.d.ts', format: 'es' },
  },
]
