// The PDS in a process of its own, on data that outlive it: node pds.mjs FILE, the file that network.mjs wrote.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import './loopback.mjs'

const require = createRequire(process.cwd() + '/')
const { TestPds, mockNetworkUtilities } = await import(pathToFileURL(require.resolve('@atproto/dev-env')))
const { start_pds: config } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const pds = await TestPds.create(config)
mockNetworkUtilities(pds) // handles end in .test, which no name server knows
console.log('READY')
process.on('SIGTERM', async () => {
  setTimeout(() => process.exit(0), 3000).unref()
  await pds.close()
  process.exit(0)
})
