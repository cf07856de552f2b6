// Bluesky's network on loopback: directory, AppView, moderation, and at first the PDS too, until it gets a process of its own.
//
// node network.mjs FILE with DB_POSTGRES_URL, REDIS_HOST, PDS_PORT and PDS_FOLDER set; the folder of node_modules is the working
// directory. Writes FILE once everything is ready. The file names the servers, the people, and how pds.mjs has to be started;
// by then this process has let go of the PDS, so that tests can kill that one alone. Ends on SIGTERM.
import { writeFileSync, mkdirSync, renameSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { randomBytes } from 'node:crypto'
import './loopback.mjs'

const require = createRequire(process.cwd() + '/')
const { TestNetwork } = await import(pathToFileURL(require.resolve('@atproto/dev-env')))
const [file] = process.argv.slice(2)
const port = Number(process.env.PDS_PORT)
const folder = process.env.PDS_FOLDER
const people = ['levante', 'ida', 'rolf', 'valdoro']

const kept = {
  port,
  hostname: 'localhost',
  enableDidDocWithSession: true,
  plcRotationKeyK256PrivateKeyHex: randomBytes(32).toString('hex'),
}
function place(name) {
  const made = { dataDirectory: join(folder, name, 'data'), blobstoreDiskLocation: join(folder, name, 'blobs') }
  mkdirSync(made.dataDirectory, { recursive: true })
  return made
}
// The options are spread twice: first for a helper that dev-env throws away, then for the PDS that stays.
const places = [place('helper'), place('stays')]
let spread = 0
const options = { ...kept, get dataDirectory() { return places[spread].dataDirectory }, get blobstoreDiskLocation() { return places[spread++].blobstoreDiskLocation } }

const network = await TestNetwork.create({
  pds: options,
  dbPostgresSchema: 'real', // the database is new each time, like the PDS: an older cursor would point past its events
})

async function ask(nsid, body, token) {
  const headers = { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) }
  const answer = await fetch(`${network.pds.url}/xrpc/${nsid}`, { method: 'POST', headers, body: JSON.stringify(body) })
  const read = await answer.json()
  if (!answer.ok) throw new Error(`${nsid}: ${JSON.stringify(read)}`)
  return read
}

const accounts = {}
for (const name of people) {
  const person = { handle: `${name}.test`, email: `${name}@example.test`, password: `${name}-main-password` }
  const made = await ask('com.atproto.server.createAccount', person)
  const key = await ask('com.atproto.server.createAppPassword', { name: 'palinsesto' }, made.accessJwt)
  accounts[name] = { ...person, did: made.did, app_password: key.password }
}
await network.processAll()

const config = network.pds.ctx.cfg
const ready = {
  plc: network.plc.url,
  pds: network.pds.url,
  appview: network.bsky.url,
  accounts,
  start_pds: {
    ...kept,
    ...places[1],
    didPlcUrl: network.plc.url,
    bskyAppViewUrl: network.bsky.url,
    bskyAppViewDid: network.bsky.ctx.cfg.serverDid,
    modServiceUrl: config.modService.url,
    modServiceDid: config.modService.did,
    lexiconDidAuthority: config.lexicon.didAuthority,
  },
}
await network.pds.close()
writeFileSync(`${file}.part`, JSON.stringify(ready, null, 1))
renameSync(`${file}.part`, file)

let isEnding = false
async function end() {
  if (isEnding) return
  isEnding = true
  setTimeout(() => process.exit(0), 4000).unref()
  await Promise.allSettled([network.ozone.close(), network.bsky.close(), network.bsync.close(), network.plc.close()])
  process.exit(0)
}
process.on('SIGTERM', end)
process.on('SIGINT', end)
