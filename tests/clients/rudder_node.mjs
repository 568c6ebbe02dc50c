// Every call of RudderStack's Node client: node rudder_node.mjs ADDRESS WRITE_KEY.
import RudderAnalytics from '@rudderstack/rudder-sdk-node'

const [address, key] = process.argv.slice(2)
const client = new RudderAnalytics(key, { dataPlaneUrl: address, flushInterval: 200 })
client.identify({ userId: 'rnode-1', traits: { email: 'node@rudder.test', firstName: 'Ada' } })
client.track({ userId: 'rnode-1', event: 'Order Completed', properties: { revenue: 12.5 } })
client.page({ userId: 'rnode-1', category: 'Docs', name: 'Home', properties: { url: 'http://shop.test/' } })
client.screen({ userId: 'rnode-1', name: 'Main' })
client.group({ userId: 'rnode-1', groupId: 'g1', traits: { name: 'Acme' } })
client.alias({ userId: 'rnode-1', previousId: 'anon-rnode' })
client.track({ anonymousId: 'anon-rnode', event: 'Viewed' })
client.flush()
