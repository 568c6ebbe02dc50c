// Every call of Segment's Node client: node segment_node.mjs ADDRESS WRITE_KEY.
import { Analytics } from '@segment/analytics-node'

const [address, writeKey] = process.argv.slice(2)
const client = new Analytics({ writeKey, host: address, path: '/v1/batch' })
client.identify({ userId: 'node-1', traits: { email: 'node@segment.test', firstName: 'Ada' } })
client.track({ userId: 'node-1', event: 'Order Completed', properties: { revenue: 12.5 } })
client.page({ userId: 'node-1', category: 'Docs', name: 'Home', properties: { url: 'http://shop.test/' } })
client.screen({ userId: 'node-1', name: 'Main' })
client.group({ userId: 'node-1', groupId: 'g1', traits: { name: 'Acme' } })
client.alias({ userId: 'node-1', previousId: 'anon-node' })
client.track({ anonymousId: 'anon-node', event: 'Viewed' })
await client.closeAndFlush({ timeout: 60000 })
